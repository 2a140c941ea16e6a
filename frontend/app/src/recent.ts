import type { Recent } from './bindings.gen.js';
import { baseName, formatBytes } from './format.js';

/** recentRow returns a list item with a button that hashes a file again. */
export function recentRow(recent: Recent, now: number, open: () => void): HTMLLIElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.title = recent.path;
  button.append(
    part('recent-name', baseName(recent.path)),
    part('recent-facts', `${formatBytes(recent.bytes)}, ${when(recent.at, now)}`),
    part('recent-folder', folder(recent.path)),
    part('recent-digest', `${recent.sha256.slice(0, 8)}…`),
  );
  button.addEventListener('click', open);
  const item = document.createElement('li');
  item.append(button);
  return item;
}

/** folder returns a path without its last part. */
export function folder(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf(baseName(path)))).replace(/(.)[/\\]+$/, '$1');
}

/** when describes how long ago a time was, in minutes, hours or days. */
export function when(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) {
    return 'just now';
  }
  if (minutes < 60) {
    return minutes === 1 ? '1 minute ago' : `${minutes} minutes ago`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return hours === 1 ? '1 hour ago' : `${hours} hours ago`;
  }
  const days = Math.floor(hours / 24);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

function part(kind: string, text: string): HTMLElement {
  const element = document.createElement('span');
  element.className = kind;
  element.textContent = text;
  return element;
}
