import type { Settings } from './bindings.gen.js';

/** spell returns a digest in the case of the settings, without gaps between groups. */
export function spell(hex: string, { uppercase }: Pick<Settings, 'uppercase'>): string {
  return uppercase ? hex.toUpperCase() : hex;
}

/** groups splits a digest into groups of `size` digits. With 0 it returns one group. */
export function groups(digits: string, size: number): string[] {
  if (size <= 0) {
    return [digits];
  }
  const parts: string[] = [];
  for (let at = 0; at < digits.length; at += size) {
    parts.push(digits.slice(at, at + size));
  }
  return parts;
}

/** write shows a digest in `element`. The gaps are style only: the text has none. */
export function write(element: HTMLElement, hex: string, settings: Settings): void {
  const parts = groups(spell(hex, settings), settings.group);
  element.replaceChildren(
    ...parts.flatMap((part) => {
      const span = document.createElement('span');
      span.textContent = part;
      return [span, document.createElement('wbr')];
    }),
  );
}
