/** KEPT is how many events are kept: what one can scroll through, and a table draws at once. */
export const KEPT = 500;

/** CLIP is how many characters of a payload are kept. */
export const CLIP = 400;

/** Mailbox is where an event can arrive: the app's, or that of a window, by its label. */
export type Mailbox = 'app' | 'main' | 'settings';

export const MAILBOXES = ['app', 'main', 'settings'] as const satisfies readonly Mailbox[];

/** Heard is an event as it is noticed. */
export interface Heard {
  readonly at: number;
  readonly name: string;
  /** source is the label of the window whose page emitted it, null for Go. */
  readonly source: string | null;
  readonly payload: unknown;
  /** mailboxes are those that it arrived in. */
  readonly mailboxes: ReadonlySet<Mailbox>;
}

/** Entry is an event as it is shown. */
export interface Entry {
  /** number counts all events that were noticed, from 1. */
  readonly number: number;
  readonly time: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly payload: string;
}

/** EventLog keeps the last events. While it is paused, what it shows stays as it is. */
export class EventLog {
  readonly #limit: number;
  #kept: Entry[] = [];
  #frozen: readonly Entry[] | null = null;
  #total = 0;
  #cleared = 0;
  #pausedAt = 0;

  constructor(limit = KEPT) {
    this.#limit = limit;
  }

  add(heard: Heard): void {
    this.#kept.push({
      number: ++this.#total,
      time: clock(heard.at),
      name: heard.name,
      from: heard.source ?? 'Go',
      to: addressee(heard.mailboxes),
      payload: brief(heard.payload),
    });
    if (this.#kept.length > this.#limit) {
      this.#kept.shift();
    }
  }

  /** entries are those to show, the oldest first. */
  get entries(): readonly Entry[] {
    return this.#frozen ?? this.#kept;
  }

  /** total is how many events were noticed, those of before the last clear left out. */
  get total(): number {
    return this.#total - this.#cleared;
  }

  /** waiting is how many have come since the log was paused. */
  get waiting(): number {
    if (this.#frozen === null) {
      return 0;
    }
    return this.#total - this.#pausedAt;
  }

  get paused(): boolean {
    return this.#frozen !== null;
  }

  set paused(paused: boolean) {
    if (paused !== this.paused) {
      this.#frozen = paused ? [...this.#kept] : null;
      this.#pausedAt = this.#total;
    }
  }

  /** clear forgets all events; a paused log stays paused. */
  clear(): void {
    this.#kept = [];
    this.#cleared = this.#total;
    if (this.#frozen !== null) {
      this.#frozen = [];
      this.#pausedAt = this.#total;
    }
  }
}

/** clock writes a time of day to the millisecond. */
export function clock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** addressee says whom an event was for, by the mailboxes that it arrived in. */
export function addressee(mailboxes: ReadonlySet<Mailbox>): string {
  if (MAILBOXES.every((mailbox) => mailboxes.has(mailbox))) {
    return 'all';
  }
  return [...mailboxes].join(', ') || 'other';
}

/** brief writes a payload as JSON, and no more of it than CLIP characters. */
export function brief(payload: unknown): string {
  const text = payload === null ? '' : (JSON.stringify(payload) ?? '');
  if (text.length <= CLIP) {
    return text;
  }
  // Half of a character that takes two would be shown as none.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(CLIP - 1)) ? CLIP - 1 : CLIP;
  return `${text.slice(0, end)}…`;
}
