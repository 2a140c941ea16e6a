import type { Digest, Settings } from './bindings.gen.js';
import { CopyButton } from './copybutton.js';
import { spell } from './digits.js';
import { baseName, formatBytes } from './format.js';

/** row shows an earlier digest: the file, its size, its SHA-256 and a button that copies it. */
export function row(digest: Digest, settings: Settings): HTMLLIElement {
  const name = cell('span', 'earlier-file', baseName(digest.path));
  name.title = digest.path;
  const sha256 = cell('code', 'earlier-digest', spell(digest.sha256, settings));
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'smaller';
  button.setAttribute('aria-description', `the SHA-256 of ${baseName(digest.path)}`);
  new CopyButton(button, sha256);

  const item = document.createElement('li');
  item.append(name, cell('span', 'earlier-size', formatBytes(digest.bytes)), sha256, button);
  return item;
}

function cell(tag: 'span' | 'code', kind: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = text;
  return element;
}
