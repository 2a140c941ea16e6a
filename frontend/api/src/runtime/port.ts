import type { Inbound } from '../wire.js';

/** What Go tells the page as the document starts. */
export interface Config {
  /** Proves to Go that a message comes from this script. */
  key: string;
  /** The only origin that may talk to Go. */
  origin: string;
  /** The window's label. */
  label: string;
  /** The largest message Go takes, in bytes. */
  maxMessage: number;
}

type Post = (text: string) => unknown;

interface Hosts {
  webkit?: { messageHandlers?: { casement?: { postMessage(text: string): void } } };
  __casement_post?: Post;
}

/** The way out of the page: our own message handler, or a function that webview_go binds. */
function findPost(): Post {
  const { webkit, __casement_post: bound } = globalThis as Hosts;
  const handler = webkit?.messageHandlers?.casement;
  if (handler) return (text) => handler.postMessage(text);
  if (!bound) throw new Error('casement: this page has no way to reach Go');
  return bound;
}

/** Port sends a page's messages to Go, those of one microtask together. */
export class Port {
  /** Names this load of the document; Go's messages carry it too. */
  page = '';
  #head = '';
  #post = findPost();
  #queue: string[] = [];
  #length = 0;

  readonly config: Config;

  constructor(config: Config) {
    this.config = config;
  }

  /** Begins a page: from here on, messages belong to it. */
  begin(): void {
    this.#queue = [];
    this.#length = 0;
    this.page = Array.from(crypto.getRandomValues(new Uint8Array(8)), (octet) =>
      octet.toString(16).padStart(2, '0'),
    ).join('');
    this.#head = `${this.config.key} ${this.page}\n`;
    this.send({ kind: 'hello' });
    this.flush();
  }

  /** Ends the page: what is queued goes out, and nothing after it. */
  end(): void {
    this.flush();
    this.page = '';
    this.#head = '';
  }

  /** Tells Go that the window shows a document of another origin. */
  leave(): void {
    this.#head = `${this.config.key} -\n`;
    this.send({ kind: 'bye', url: location.href });
    this.flush();
  }

  /** Sends a message with the others of this microtask, in the order of the calls. */
  send(header: Inbound, body = ''): void {
    if (!this.#head) return;
    const message = `${JSON.stringify(header)}\n${body}\n`;
    if (this.#length + message.length > this.config.maxMessage) this.flush();
    if (this.#queue.push(message) === 1) queueMicrotask(() => this.flush());
    this.#length += message.length;
  }

  /** Sends at once what waits for the end of the microtask. */
  flush(): void {
    if (this.#queue.length === 0) return;
    const text = this.#head + this.#queue.join('');
    this.#queue = [];
    this.#length = 0;
    this.#post(text);
  }
}
