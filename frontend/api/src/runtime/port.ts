import type { Call, Failure, Inbound, Push } from '../wire.js';
import { encode, isBytes, json, type Payload } from './bytes.js';

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
  /** Where Go takes the bodies of large messages; nowhere if it is missing. */
  upload?: string;
}

/** Ends everything that a page has under way when the page ends. */
export const gone: Failure = { code: 'disconnected', message: 'the page is going away' };

/** Tells the console of an error that has nowhere else to go. */
export const report = (error: unknown): void => console.error(error);

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
  if (!bound) throw new Error('casement: no way to reach Go');
  return bound;
}

/** Port sends a page's messages to Go, those of one microtask together. */
export interface Port {
  readonly config: Config;
  /** Names this load of the document, in Go's messages too. Empty before the page and after its end. */
  page(): string;
  /** Begins a page: from here on, messages belong to it. */
  begin(): void;
  /** Ends the page: what is queued goes out, and nothing after it. */
  end(): void;
  /** Tells Go that the window shows a document of another origin. */
  leave(): void;
  /** Sends a message with the others of this microtask, in the order of the calls. */
  send(header: Inbound, body?: string): void;
  /**
   * Sends a message with a body, which must not change any more. A large one becomes a request of its own,
   * where bytes need no base64; if it does not get through, it follows as a message.
   */
  carry(header: Call | Push, body: Payload): void;
}

export function createPort(config: Config): Port {
  const post = findPost();
  const { fetch } = globalThis; // The document may put something else in its place later.
  let page = '';
  let head = '';
  let queue: string[] = [];
  let length = 0;
  let uploads = 0;
  /**
   * From how many bytes, or characters, on a body travels beside its message: what a request costs more than
   * a message, base64 and the way through a script's string cost less below that. Bytes gain from 16 KiB on,
   * text from some 48 KiB.
   */
  let uploadFrom = config.upload ? 0x8000 : Infinity;

  /** Sends at once what waits for the end of the microtask. */
  const flush = (): void => {
    if (length === 0) return;
    const text = `${head}\n${queue.join('')}`;
    queue = [];
    length = 0;
    post(text);
  };
  const send = (header: Inbound, body = ''): void => {
    if (!head) return;
    const message = `${json(header)}\n${body}\n`;
    // The limit counts bytes of UTF-8, of which a unit of UTF-16 takes three at most.
    if (3 * (length + message.length) > config.maxMessage) flush();
    if (queue.push(message) === 1) queueMicrotask(flush);
    length += message.length;
  };
  return {
    config,
    page: () => page,
    begin() {
      const [id] = crypto.getRandomValues(new BigUint64Array(1)) as unknown as [bigint];
      page = id.toString(16).padStart(16, '0');
      head = `${config.key} ${page}`;
      send({ kind: 'hello' });
      flush();
    },
    end() {
      flush();
      page = '';
      head = '';
    },
    leave() {
      head = `${config.key} -`;
      send({ kind: 'bye', url: location.href });
      flush();
    },
    send,
    carry(header, body) {
      const raw = isBytes(body);
      if (raw) header.body = 'bytes';
      const whole = (): string => (raw ? encode(body) : body);
      if (body.length < uploadFrom) {
        send(header, whole());
        return;
      }
      const id = ++uploads;
      header.uploaded = id;
      send(header);
      fetch(config.upload as string, { method: 'POST', body, headers: { ipc: `${head} ${id}` } })
        .catch(() => {
          // A Content-Security-Policy forbids it, as a rule: it tells the console each time.
          uploadFrom = Infinity;
          return { ok: false };
        })
        .then(({ ok }) => ok || send({ kind: 'body', id }, whole()));
    },
  };
}
