// heading is a route's.
export function heading() {
  const [name, id] = location.pathname.split('/').filter(Boolean);
  return { undefined: 'Home', about: 'About', users: `User ${id}` }[name];
}

// follow shows what a link leads to without loading a document.
export function follow(event) {
  event.preventDefault();
  history.pushState(null, '', event.currentTarget.href);
}
