import { find } from './find.js';
import { formatCount } from './format.js';
import type { Lines } from './lines.js';

/** ROW is the height of a line in pixels, as in lines.css. */
const ROW = 18;

/**
 * BEYOND is how many lines are drawn above and below the visible ones, so that scrolling shows no
 * gap.
 */
const BEYOND = 20;

/** NEAR is the distance from the end, in pixels, at which a list still follows its newest line. */
const NEAR = ROW;

/**
 * LinesView shows Lines and follows the newest one until the user scrolls up. Only visible lines
 * have an element: with thousands that change in each frame, the page would be slower than Go.
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
  /** The position that the view itself has scrolled to last. */
  #placed = 0;
  #dropped = 0;
  #frame: number | null = null;

  constructor(lines: Lines) {
    this.#lines = lines;
    this.#scroller.addEventListener('scroll', () => {
      // The event may come frames later. At the view's own position it is not the user's.
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

  /** lines replaces the lines and scrolls to their end. */
  set lines(lines: Lines) {
    this.#lines = lines;
    this.#dropped = 0;
    this.#follows = true;
    this.update();
  }

  /** update shows changes with the next frame. */
  update(): void {
    this.#frame ??= requestAnimationFrame(() => this.render());
  }

  /** render shows changes at once. */
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
      // The visible lines stay in place when lines above them are dropped.
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
      // With a line break, an empty row has its height, and is copied as a line.
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

/** summary describes how many lines there are, and how many of them are kept. */
export function summary(kept: number, dropped: number): string {
  if (kept === 0) {
    return '';
  }
  const all = kept + dropped;
  const lines = all === 1 ? '1 line' : `${formatCount(all)} lines`;
  return dropped === 0 ? lines : `Last ${formatCount(kept)} of ${lines}`;
}
