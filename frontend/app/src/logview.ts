import type { Entry, EventLog } from './eventlog.js';
import { find } from './find.js';

/**
 * NEAR is the distance from the end, in pixels, at which the table still follows its newest row.
 */
const NEAR = 24;

/** LogView shows an EventLog as a table and follows the newest row until the user scrolls up. */
export class LogView {
  readonly #log: EventLog;
  readonly #scroller = find('log', HTMLElement);
  readonly #rows = find('log-rows', HTMLTableSectionElement);
  readonly #empty = find('log-empty', HTMLElement);
  readonly #count = find('log-count', HTMLElement);
  readonly #pause = find('log-pause', HTMLButtonElement);
  readonly #clear = find('log-clear', HTMLButtonElement);
  #frame: number | null = null;
  /** The numbers of the entries that have a row: from the first up to the last. */
  #first = 1;
  #last = 0;

  constructor(log: EventLog) {
    this.#log = log;
    this.#pause.addEventListener('click', () => {
      log.paused = !log.paused;
      this.update();
    });
    this.#clear.addEventListener('click', () => {
      log.clear();
      this.update();
    });
    toggle(find('log-shell', HTMLButtonElement), (on) => this.#show('without-shell', !on));
    toggle(find('log-wrap', HTMLButtonElement), (on) => this.#show('wrapped', on));
    this.#render();
  }

  /** update shows changes with the next frame. */
  update(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#render();
    });
  }

  #show(style: string, on: boolean): void {
    this.#keepEnd(() => this.#scroller.classList.toggle(style, on));
  }

  #render(): void {
    const { entries, paused, total, waiting } = this.#log;
    this.#keepEnd(() => this.#sync(entries));
    this.#empty.hidden = entries.length > 0;
    this.#pause.setAttribute('aria-pressed', String(paused));
    this.#clear.disabled = entries.length === 0 && waiting === 0;
    this.#count.textContent = summary(entries.length, total, paused, waiting);
  }

  /** Rows are added at the end and removed at the start. */
  #sync(entries: readonly Entry[]): void {
    const first = entries[0]?.number ?? this.#last + 1;
    for (; this.#first < first && this.#rows.firstChild !== null; this.#first++) {
      this.#rows.firstChild.remove();
    }
    this.#first = Math.max(this.#first, first);
    const fresh = entries.filter((entry) => entry.number > this.#last);
    this.#rows.append(...fresh.map(row));
    this.#last = fresh.at(-1)?.number ?? this.#last;
  }

  #keepEnd(change: () => void): void {
    const box = this.#scroller;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    change();
    if (atEnd) {
      box.scrollTop = box.scrollHeight;
    }
  }

  /** reveal scrolls to the newest row. A table can't be scrolled while it is hidden. */
  reveal(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}

function toggle(button: HTMLButtonElement, change: (on: boolean) => void): void {
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(on));
    change(on);
  });
}

/** summary describes how many events there are, and how many wait. */
export function summary(shown: number, total: number, paused: boolean, waiting: number): string {
  if (paused) {
    return waiting === 0 ? 'Paused' : `Paused, ${waiting} waiting`;
  }
  const events = total === 1 ? '1 event' : `${total} events`;
  return shown < total ? `Last ${shown} of ${events}` : events;
}

function row(entry: Entry): HTMLTableRowElement {
  const shell = /^casement:\/\//.exec(entry.name)?.[0] ?? '';
  const line = document.createElement('tr');
  line.classList.toggle('shell', shell !== '');
  line.append(
    cell('time', entry.time),
    nameCell(shell, entry.name.slice(shell.length)),
    cell('from', entry.from),
    cell('to', entry.to),
    cell('payload', entry.payload, entry.payload),
  );
  return line;
}

/**
 * nameCell replaces the prefix of the shell's names by a colour. Screen readers still get the full
 * name.
 */
function nameCell(shell: string, rest: string): HTMLTableCellElement {
  const name = cell('name', '', shell + rest);
  if (shell !== '') {
    const prefix = document.createElement('span');
    prefix.className = 'visually-hidden';
    prefix.textContent = shell;
    name.append(prefix);
  }
  name.append(rest);
  return name;
}

function cell(kind: string, text: string, title = ''): HTMLTableCellElement {
  const element = document.createElement('td');
  element.className = kind;
  element.textContent = text;
  element.title = title;
  return element;
}
