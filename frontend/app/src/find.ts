/** find returns the element with this id, which the page's HTML must have. */
export function find<E extends HTMLElement>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) {
    throw new Error(`the page has no ${kind.name} #${id}`);
  }
  return element;
}
