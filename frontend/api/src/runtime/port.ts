import type { Failure } from '../error.js';
import type { Body, Call, Inbound, Push } from '../wire.js';
import { encode, isBytes, type Payload, sizeOf } from './bytes.js';
import { apply, ceil, hasOwn, json, microtask, newBuffer, octetsOf } from './intrinsics.js';

/** The configuration that Go gives a document at its start. */
export interface Config {
  /** Proves to Go that a message comes from this script. */
  key: string;
  /** The app's origin, the only one that may talk to Go. */
  origin: string;
  /** The window's label. */
  label: string;
  /** The largest message that Go accepts, in bytes. */
  maxMessage: number;
  /** The path below the origin that accepts uploads, if Go accepts uploads. */
  upload?: string;
}

/** The failure of everything that is pending when the page ends. */
export const gone: Failure = { code: 'disconnected', message: 'the page is going away' };

const { console: native } = globalThis;
const { error: print } = native;

/** Shows an error that has no other receiver in the console. Never throws. */
export const report = (error: unknown): void => {
  try {
    console.error(error); // The page may have replaced it.
  } catch {
    try {
      apply(print, native, [error]);
    } catch {
      // There is no other console.
    }
  }
};

/** Returns a failure if the size of a body, in bytes, exceeds the limit. */
export const tooLarge = (size: number, limit: number): Failure | undefined =>
  size > limit
    ? { code: 'too_large', message: `${size} bytes, more than the app's limit of ${limit}` }
    : undefined;

/** Shows whether the page has given arrays a `toJSON`. */
const array: unknown[] = [];

/**
 * Returns a header as JSON. If the page has given a prototype a `toJSON`, it does not apply to
 * headers; writing one then takes twice as long.
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

/** Returns numbers as JSON. */
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

/**
 * Returns the function that sends a text to Go: our own message handler, or one that webview_go
 * binds.
 */
function findPost(): Post {
  const { webkit, __casement_post: bound } = globalThis as Hosts;
  const handler = webkit?.messageHandlers?.casement;
  if (handler) return handler.postMessage.bind(handler);
  if (!bound) throw new Error('casement: no way to reach Go');
  return bound;
}

/** Port sends a page's messages to Go. The messages of one microtask travel together. */
export interface Port {
  readonly config: Config;
  /**
   * Returns the page's id, which Go's messages carry too. Empty before the page begins and after it
   * ends.
   */
  page(): string;
  /** Begins a page. Later messages belong to it. */
  begin(): void;
  /** Sends the queued messages and ends the page. Later messages are dropped. */
  end(): void;
  /** Tells Go that the window shows a document of another origin. */
  leave(): void;
  /** Sends the queued messages at once. */
  flush(): void;
  /** Queues a message, which travels at the end of the microtask. */
  send(header: Inbound, body?: string): void;
  /** Returns a failure if a body is larger than Go accepts. */
  exceeds(body: Payload): Failure | undefined;
  /**
   * Sends a message with a body, which must no longer change. A large body is uploaded in a request
   * of its own, where bytes need no base64. If the upload fails, the body follows as a message.
   */
  carry(header: Call | Push, body: Payload): void;
}

/**
 * The size, in bytes or characters, from which a body is uploaded. Below it, a request costs more
 * than base64 and the copy through a string do. Bytes gain from 16 KiB on, text from some 48 KiB.
 */
const uploadFrom = 0x8000;

export function createPort(config: Config): Port {
  const post = findPost();
  const { fetch, crypto } = globalThis;
  const { getRandomValues } = crypto;
  const { maxMessage } = config;
  /** Absolute, so that a document's <base> does not apply. */
  const target = config.upload && config.origin + config.upload;
  let page = '';
  let head = '';
  let queue = '';
  let uploads = 0;
  /**
   * The document's Content-Security-Policy blocks uploads. The error of a failed request does not
   * name the cause.
   */
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
    // The limit is in bytes of UTF-8. A unit of UTF-16 takes at most three.
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
  /**
   * Uploads a body. If that fails, sends it as a message if it is small enough, and a failure
   * otherwise.
   */
  const upload = async (id: number, body: Payload): Promise<void> => {
    try {
      const headers = { ipc: `${head} ${id}` };
      const { ok } = await fetch(target as string, { method: 'POST', body, headers });
      if (ok) return;
    } catch {
      // The cause may be the policy, the network, or a window that closes.
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
