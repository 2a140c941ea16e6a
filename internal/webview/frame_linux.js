(function (own) {
  if (location.origin !== own) return;
  for (const origin of location.ancestorOrigins) {
    if (origin === own) continue;
    stop();
    document.documentElement?.remove();
    location.replace('about:blank');
    return;
  }
})
