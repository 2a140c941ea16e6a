/** KEPT is how many events are kept: enough to scroll through, and few enough to draw at once. */
export const KEPT = 500;

/** CLIP is how many characters of a payload are kept. */
export const CLIP = 400;

/** Mailbox is a target of events: the app, or a window by its label. */
export type Mailbox = 'app' | 'main' | 'settings';

export const MAILBOXES = ['app', 'main', 'settings'] as const satisfies readonly Mailbox[];

/** Heard is an event as the tap hears it. */
export interface Heard {
  readonly at: number;
  readonly name: string;
  /** source is the label of the window whose page emitted it, or null for Go. */
  readonly source: string | null;
  readonly payload: unknown;
  /** mailboxes are those that the event reached. */
  readonly mailboxes: ReadonlySet<Mailbox>;
}

/** Entry is an event as the log shows it. */
export interface Entry {
  /** number counts all events, from 1. */
  readonly number: number;
  readonly time: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly payload: string;
}

/** EventLog keeps the last events. While it is paused, its entries do not change. */
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

  /** entries are the events to show, the oldest first. */
  get entries(): readonly Entry[] {
    return this.#frozen ?? this.#kept;
  }

  /** total is the number of events since the last clear. */
  get total(): number {
    return this.#total - this.#cleared;
  }

  /** waiting is the number of events since the log was paused. */
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

  /** clear removes all events. A paused log stays paused. */
  clear(): void {
    this.#kept = [];
    this.#cleared = this.#total;
    if (this.#frozen !== null) {
      this.#frozen = [];
      this.#pausedAt = this.#total;
    }
  }
}

/** clock formats a time of day, to the millisecond. */
export function clock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** addressee describes the target of an event by the mailboxes that it reached. */
export function addressee(mailboxes: ReadonlySet<Mailbox>): string {
  if (MAILBOXES.every((mailbox) => mailboxes.has(mailbox))) {
    return 'all';
  }
  return [...mailboxes].join(', ') || 'other';
}

/** brief formats a payload as JSON, cut after CLIP characters. */
export function brief(payload: unknown): string {
  const text = payload === null ? '' : (JSON.stringify(payload) ?? '');
  if (text.length <= CLIP) {
    return text;
  }
  // Do not cut a surrogate pair in two.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(CLIP - 1)) ? CLIP - 1 : CLIP;
  return `${text.slice(0, end)}…`;
}
