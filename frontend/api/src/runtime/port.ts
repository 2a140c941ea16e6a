import type { Failure } from '../error.js';
import type { Body, Call, Inbound, Push } from '../wire.js';
import { encode, isBytes, type Payload, sizeOf } from './bytes.js';
import { apply, ceil, hasOwn, json, microtask, newBuffer, octetsOf } from './intrinsics.js';

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
  /** Where Go takes the bodies of large messages, below the origin; nowhere if it is missing. */
  upload?: string;
}

/** Ends everything that a page has under way when the page ends. */
export const gone: Failure = { code: 'disconnected', message: 'the page is going away' };

const { console: native } = globalThis;
const { error: print } = native;

/** Tells the console of an error that has nowhere else to go. It never throws. */
export const report = (error: unknown): void => {
  try {
    console.error(error); // Whatever the page has made of it.
  } catch {
    try {
      apply(print, native, [error]);
    } catch {
      // Nobody is left to tell.
    }
  }
};

/** Returns why a body that takes so many bytes can't travel, if it can't. */
export const tooLarge = (size: number, limit: number): Failure | undefined =>
  size > limit
    ? { code: 'too_large', message: `${size} bytes, more than the app's limit of ${limit}` }
    : undefined;

/** Has what every array has. */
const array: unknown[] = [];

/**
 * Writes a header as JSON. Where the page has given a prototype a `toJSON`, that is not called for what is the runtime's
 * own; this takes twice as long.
 */
function write(header: Inbound): string {
  if (!('toJSON' in header || 'toJSON' in array)) return json(header);
  let text = '';
  for (const name in header) {
    const field: unknown = hasOwn(header, name) ? header[name as keyof Inbound] : undefined;
    if (field === undefined) continue;
    const ids = name === 'channels' || name === 'sinks';
    text += `${text && ','}"${name}":${ids ? list(field as number[]) : json(field)}`;
  }
  return `{${text}}`;
}

/** Writes numbers as JSON. */
function list(numbers: number[]): string {
  let text = '';
  for (let at = 0; at < numbers.length; at++) text += `${text && ','}${numbers[at]}`;
  return `[${text}]`;
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
  if (handler) return handler.postMessage.bind(handler);
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
  /** Sends at once what waits for the end of the microtask. */
  flush(): void;
  /** Sends a message with the others of this microtask, in the order of the calls. */
  send(header: Inbound, body?: string): void;
  /** Returns why a body is more than Go takes, if it is. */
  exceeds(body: Payload): Failure | undefined;
  /**
   * Sends a message with a body, which must not change any more. A large one becomes a request of its own,
   * where bytes need no base64; if it does not get through, it follows as a message.
   */
  carry(header: Call | Push, body: Payload): void;
}

/**
 * From how many bytes, or characters, on a body travels beside its message: what a request costs more than
 * a message, base64 and the way through a script's string cost less below that. Bytes gain from 16 KiB on,
 * text from some 48 KiB.
 */
const uploadFrom = 0x8000;

export function createPort(config: Config): Port {
  const post = findPost();
  const { fetch, crypto } = globalThis;
  const { getRandomValues } = crypto;
  const { maxMessage } = config;
  /** Absolute: a document's <base> has no say in where bodies go. */
  const target = config.upload && config.origin + config.upload;
  let page = '';
  let head = '';
  let queue = '';
  let uploads = 0;
  /** The document's Content-Security-Policy blocks uploads. A request that fails does not say why. */
  let blocked = false;

  const flush = (): void => {
    if (!queue) return;
    const text = `${head}\n${queue}`;
    queue = '';
    try {
      post(text);
    } catch (error) {
      report(error);
    }
  };
  const send = (header: Inbound, body = ''): void => {
    if (!head) return;
    const message = `${write(header)}\n${body}\n`;
    // The limit counts bytes of UTF-8, of which a unit of UTF-16 takes three at most.
    if (3 * (queue.length + message.length) > maxMessage) flush();
    if (!queue) microtask(flush);
    queue += message;
  };
  const mayUpload = (): boolean => !!target && !blocked;
  const exceeds = (body: Payload, alone = mayUpload()): Failure | undefined => {
    if (!isBytes(body)) return tooLarge(sizeOf(body, maxMessage), maxMessage);
    const { length } = body;
    return tooLarge(alone ? length : 4 * ceil(length / 3), maxMessage);
  };
  /** Sends a body by itself. One that does not get through follows as a message, if it is small enough for that. */
  const upload = async (id: number, body: Payload): Promise<void> => {
    try {
      const headers = { ipc: `${head} ${id}` };
      const { ok } = await fetch(target as string, { method: 'POST', body, headers });
      if (ok) return;
    } catch {
      // The policy, a network, a window that closes: it does not say.
    }
    const message: Body = { kind: 'body', id };
    try {
      const failure = exceeds(body, false);
      if (failure) send({ ...message, failed: true }, json(failure));
      else send(message, isBytes(body) ? encode(body) : body);
    } catch (error) {
      report(error);
      send({ ...message, failed: true });
    }
  };
  addEventListener(
    'securitypolicyviolation',
    ({ blockedURI, effectiveDirective, disposition }) => {
      blocked ||=
        disposition !== 'report' && effectiveDirective === 'connect-src' && blockedURI === target;
    },
    true,
  );
  return {
    config,
    page: () => page,
    begin() {
      const octets = apply(getRandomValues, crypto, [octetsOf(newBuffer(8))]) as Uint8Array;
      page = '';
      for (let at = 0; at < 8; at++) {
        const octet = octets[at] as number;
        page += '0123456789abcdef'[octet >> 4] as string;
        page += '0123456789abcdef'[octet & 15] as string;
      }
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
    flush,
    send,
    exceeds,
    carry(header, body) {
      const raw = isBytes(body);
      if (raw) header.body = 'bytes';
      if (body.length < uploadFrom || !mayUpload()) {
        send(header, raw ? encode(body) : body);
        return;
      }
      const id = ++uploads;
      header.uploaded = id;
      send(header);
      void upload(id, body);
    },
  };
}
