const { setInterval: begin } = globalThis;
const timers: ReturnType<typeof setInterval>[] = [];
globalThis.setInterval = ((...args: Parameters<typeof setInterval>) => {
  const timer = begin(...args);
  timers.push(timer);
  return timer;
}) as typeof setInterval;

/** get returns the element with this id. */
export function get<E extends HTMLElement = HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** show puts the body of a page into the document, and stops the timers of the page before it. */
export function show(html: string): void {
  for (const timer of timers.splice(0)) clearInterval(timer);
  document.body.innerHTML = html.slice(html.indexOf('<main>'), html.indexOf('</body>'));
  delete document.body.dataset['state'];
}
