import { find } from './find.js';
import { formatCount } from './format.js';
import type { Lines } from './lines.js';

/** ROW is the height of a line in pixels; lines.css has the same. */
const ROW = 18;

/** BEYOND is how many lines above and below what is seen are drawn, so that scrolling shows no gap. */
const BEYOND = 20;

/** NEAR is how many pixels from its end a list still counts as read to the end. */
const NEAR = ROW;

/**
 * LinesView shows Lines, following the newest unless one has scrolled up. Only the lines in sight
 * have an element: thousands that change with each frame would hold up the page instead of Go.
 */
export class LinesView {
  #lines: Lines;
  readonly #scroller = find('lines', HTMLElement);
  readonly #sheet = find('sheet', HTMLElement);
  readonly #rows = find('rows', HTMLElement);
  readonly #empty = find('lines-empty', HTMLElement);
  readonly #count = find('lines-count', HTMLElement);
  readonly #end = find('lines-end', HTMLButtonElement);
  #follows = true;
  /** Where the view itself has scrolled to last. */
  #placed = 0;
  #dropped = 0;
  #frame: number | null = null;

  constructor(lines: Lines) {
    this.#lines = lines;
    this.#scroller.addEventListener('scroll', () => {
      // The event may come frames later, when it says nothing about what a person wants.
      if (this.#scroller.scrollTop !== this.#placed) {
        this.#follows = this.#atEnd();
        this.update();
      }
    });
    this.#end.addEventListener('click', () => {
      this.#follows = true;
      this.#scroller.focus();
      this.update();
    });
    new ResizeObserver(() => this.update()).observe(this.#scroller);
    this.render();
  }

  /** lines are what is shown from now on, from their end. */
  set lines(lines: Lines) {
    this.#lines = lines;
    this.#dropped = 0;
    this.#follows = true;
    this.update();
  }

  /** update shows what has changed, with the next frame. */
  update(): void {
    this.#frame ??= requestAnimationFrame(() => this.render());
  }

  /** render shows what has changed at once. */
  render(): void {
    if (this.#frame !== null) {
      cancelAnimationFrame(this.#frame);
      this.#frame = null;
    }
    const { kept, dropped } = this.#lines;
    const box = this.#scroller;
    this.#empty.hidden = kept.length > 0;
    this.#count.textContent = summary(kept.length, dropped);
    this.#sheet.style.setProperty('block-size', `${kept.length * ROW}px`);
    if (this.#follows) {
      this.#place(box.scrollHeight);
    } else if (dropped > this.#dropped) {
      // What one reads stays where it is while lines above it go.
      this.#place(box.scrollTop - (dropped - this.#dropped) * ROW);
    }
    this.#dropped = dropped;
    this.#end.hidden = this.#follows || kept.length === 0;
    this.#draw();
  }

  #draw(): void {
    const { kept } = this.#lines;
    const box = this.#scroller;
    const top = Math.floor(box.scrollTop / ROW);
    const first = Math.max(0, Math.min(top, kept.length) - BEYOND);
    const last = top + Math.ceil(box.clientHeight / ROW) + BEYOND;
    const shown = kept.slice(first, last);
    while (this.#rows.childElementCount > shown.length) {
      this.#rows.lastElementChild?.remove();
    }
    for (const [i, line] of shown.entries()) {
      const row = this.#rows.children[i] ?? this.#rows.appendChild(document.createElement('p'));
      row.className = line.stream;
      // A line break alone keeps an empty row as high as any other, and copies as what it is.
      row.textContent = `${line.text}\n`;
    }
    this.#rows.style.setProperty('transform', `translateY(${first * ROW}px)`);
  }

  #place(top: number): void {
    this.#scroller.scrollTop = top;
    this.#placed = this.#scroller.scrollTop;
  }

  #atEnd(): boolean {
    const box = this.#scroller;
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  }
}

/** summary says how many lines there are, and how many of them can be seen. */
export function summary(kept: number, dropped: number): string {
  if (kept === 0) {
    return '';
  }
  const all = kept + dropped;
  const lines = all === 1 ? '1 line' : `${formatCount(all)} lines`;
  return dropped === 0 ? lines : `Last ${formatCount(kept)} of ${lines}`;
}
