/**
 * The wire between Go and one page. The other half is `internal/wire/wire.go`: the same names in
 * the same order. The tests of both sides read `internal/wire/testdata/wire/*.json`.
 *
 * From a page to Go, a *batch* is text: a line `KEY PAGE`, then for each message a header line
 * (JSON, one of {@link Inbound}) and a body line (JSON, base64 or empty). JSON holds no raw
 * newline, so Go splits a batch without reading the bodies. A large body may travel beside the
 * batch, as an upload.
 *
 * From Go to a page, a *batch* is one script: `__ipc.dispatch([PAGE, '[message,TABmessage…]',
 * 'base64', …])`, where each message is one of {@link Outbound}. A message holds no raw tab, so the
 * page can split a batch in which one message is not JSON. A body that is larger than a script
 * precedes it in pieces: `__ipc.part([PAGE, SIZE, 'piece'])`.
 */
import type { Failure } from './error.js';
import type { EventTarget } from './event.js';

/** The first message of a page: the document has started, and Go may send to it. */
export interface Hello {
  kind: 'hello';
}

/** The last message of a page: the document is going away, or belongs to another origin. */
export interface Bye {
  kind: 'bye';
  /** The address of a document that is not the app's, if the window shows one. */
  url?: string;
}

/** Calls a command. The body holds the arguments. Go answers with one `settle*` message. */
export interface Call {
  kind: 'call';
  id: number;
  command: string;
  /**
   * `'bytes'` if the body is raw bytes, in base64 unless it is uploaded. Otherwise the body is
   * JSON.
   */
  body?: 'bytes';
  /**
   * The id of a body that travels beside the message: as a request to the app's own server, or in a
   * {@link Body} if that fails.
   */
  uploaded?: number;
  headers?: Record<string, string> | undefined;
  /** The ids of the channels among the arguments. */
  channels?: number[];
  /** The ids of the sinks among the arguments. */
  sinks?: number[];
}

/** The body of an earlier message whose upload failed, or a {@link Failure} in its place. */
export interface Body {
  kind: 'body';
  id: number;
  failed?: true;
}

/** Cancels the context of a call. The page has already settled the promise. */
export interface Cancel {
  kind: 'cancel';
  id: number;
}

/** Grants credit: how many messages of a channel the page has consumed since its beginning. */
export interface Grant {
  kind: 'grant';
  channel: number;
  messages: number;
}

/** Closes a channel: the page no longer reads it. */
export interface Close {
  kind: 'close';
  channel: number;
}

/** Acknowledges all scripts up to and including this one. */
export interface Ack {
  kind: 'ack';
  scripts: number;
}

/** Answers an evaluation. The body holds its value, or its {@link Failure}. */
export interface Evaluated {
  kind: 'evaluated';
  id: number;
  failed?: boolean;
}

/** Adds a listener. Go answers with one `settle*` message when it has added it. */
export interface Listen {
  kind: 'listen';
  id: number;
  listener: number;
  event: string;
  /** Whose events to hear. By default those of the page's own window. */
  target?: EventTarget | undefined;
}

/** Removes a listener. Go does not answer. */
export interface Unlisten {
  kind: 'unlisten';
  listener: number;
}

/** Emits an event. The body holds its payload. Go answers with one `settle*` message. */
export interface Emit {
  kind: 'emit';
  id: number;
  event: string;
  /** Who hears it. By default everybody. */
  target?: EventTarget | undefined;
}

/** The next value of a sink. The body is as for a {@link Call}. */
export interface Push {
  kind: 'push';
  channel: number;
  body?: 'bytes';
  uploaded?: number;
  /** Asks for a grant when this value is consumed. */
  ask?: true;
}

/** Ends a sink. The body holds the {@link Failure}, if there is one. */
export interface End {
  kind: 'end';
  channel: number;
  failed?: true;
}

/** Logs an error of the page. The body is the text, as JSON. */
export interface Log {
  kind: 'log';
  /**
   * The source: `console.error`, an unhandled error or rejection, the Content-Security-Policy, a
   * file that fails to load, or how many messages the page has omitted.
   */
  log: 'console' | 'error' | 'rejection' | 'policy' | 'resource' | 'omitted';
  /** The script, or the address that was blocked or failed to load. */
  url?: string | undefined;
  line?: number | undefined;
  column?: number | undefined;
  /** How many messages the page has omitted. */
  messages?: number;
}

/** The header of a message from a page. */
export type Inbound =
  | Hello
  | Bye
  | Call
  | Body
  | Cancel
  | Grant
  | Close
  | Ack
  | Evaluated
  | Listen
  | Unlisten
  | Emit
  | Push
  | End
  | Log;

/** Settles a call with a value: `[settle, id, value]`. */
export const settle = 0;
/** Settles a call with bytes, which are the next blob of the batch: `[settleBytes, id]`. */
export const settleBytes = 1;
/** Settles a call with an error: `[settleError, id, failure]`. */
export const settleError = 2;
/** The next value of a channel: `[value, channel, value]`, and a 1 to ask for a grant. */
export const value = 3;
/**
 * The next bytes of a channel, which are the next blob: `[bytes, channel]`, and a 1 to ask for a
 * grant.
 */
export const bytes = 4;
/** Ends a channel: `[end, channel]`, and the failure, if there is one. */
export const end = 5;
/**
 * An event: `[event, listeners, payload, source]`. The source is the label of a window, or null.
 */
export const event = 6;
/**
 * Grants credit: how many values of a sink Go has consumed since its beginning: `[grant, sink,
 * messages]`.
 */
export const grant = 7;
/** Stops a sink, which Go no longer reads: `[stop, sink]`, and the failure, if there is one. */
export const stop = 8;

/** A message from Go. */
export type Outbound =
  | [kind: typeof settle, call: number, value: unknown]
  | [kind: typeof settleBytes, call: number]
  | [kind: typeof settleError, call: number, failure: Failure]
  | [kind: typeof value, channel: number, value: unknown, ask?: 1]
  | [kind: typeof bytes, channel: number, ask?: 1]
  | [kind: typeof end, channel: number, failure?: Failure]
  | [kind: typeof event, listeners: number[], payload: unknown, source: string | null]
  | [kind: typeof grant, sink: number, messages: number]
  | [kind: typeof stop, sink: number, failure?: Failure];
