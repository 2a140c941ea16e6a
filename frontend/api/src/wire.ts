/**
 * The wire between Go and one page. The other half is `internal/wire/wire.go`: the same names in the same
 * order. Both sides' tests read `internal/wire/testdata/wire/*.json`.
 *
 * Page to Go, a *batch* is text: a line `KEY PAGE`, then for each message a header line (JSON, one of
 * {@link Inbound}) and a body line (JSON, base64 or empty). JSON never holds a raw newline, so Go
 * cuts a batch apart without reading the bodies. A large body may travel beside the batch, as an upload.
 *
 * Go to page, a *batch* is one script: `__ipc.dispatch([PAGE, '[message,TABmessage…]', 'base64', …])`, where each
 * message is one of {@link Outbound}. A message holds no raw tab, so that one which is not JSON costs none of the
 * others. What is larger than a script goes ahead of it in pieces: `__ipc.part([PAGE, SIZE, 'piece'])`.
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
  /** Where the window went instead, when it shows something that is not the app's. */
  url?: string;
}

/** Calls a command. The body holds the arguments; Go answers with one `settle*` message. */
export interface Call {
  kind: 'call';
  id: number;
  command: string;
  /** `'bytes'`: the body, base64 unless it is uploaded, reaches the command as raw bytes. Otherwise it is JSON. */
  body?: 'bytes';
  /**
   * Names the body if that is not here: it comes as it is, in a request to the app's own server, or else
   * in a message of its own.
   */
  uploaded?: number;
  headers?: Record<string, string> | undefined;
  /** The ids of the channels among the arguments. */
  channels?: number[];
  /** The ids of the sinks among the arguments. */
  sinks?: number[];
}

/** The body of an earlier message that could not be uploaded, or the {@link Failure} that stands for it. */
export interface Body {
  kind: 'body';
  id: number;
  failed?: true;
}

/** Takes a call back: its context is cancelled. The page has settled the promise already. */
export interface Cancel {
  kind: 'cancel';
  id: number;
}

/** Says how many messages of a channel the page has consumed since it began. */
export interface Grant {
  kind: 'grant';
  channel: number;
  messages: number;
}

/** Says that nobody in the page reads this channel any more. */
export interface Close {
  kind: 'close';
  channel: number;
}

/** Says that the page has taken in every script up to and including this one. */
export interface Ack {
  kind: 'ack';
  scripts: number;
}

/** Answers an evaluation. The body holds its value, or the {@link Failure} it ended with. */
export interface Evaluated {
  kind: 'evaluated';
  id: number;
  failed?: boolean;
}

/** Begins to listen for an event. Go answers with one `settle*` message, once it knows. */
export interface Listen {
  kind: 'listen';
  id: number;
  listener: number;
  event: string;
  /** Whose events; without one, those of the page's own window. */
  target?: EventTarget | undefined;
}

/** Ends that. Nothing answers. */
export interface Unlisten {
  kind: 'unlisten';
  listener: number;
}

/** Emits an event. The body holds its payload; Go answers with one `settle*` message. */
export interface Emit {
  kind: 'emit';
  id: number;
  event: string;
  /** Who hears it; without one, everybody. */
  target?: EventTarget | undefined;
}

/** A sink's next value: the body as for a {@link Call}. */
export interface Push {
  kind: 'push';
  channel: number;
  body?: 'bytes';
  uploaded?: number;
  /** Asks for a grant once this value is consumed. */
  ask?: true;
}

/** The end of a sink. The body holds the {@link Failure} if it did not end well. */
export interface End {
  kind: 'end';
  channel: number;
  failed?: true;
}

/** What went wrong in a page. The body is the text, as JSON. */
export interface Log {
  kind: 'log';
  /** Where it comes from: `console.error`, an error or a rejection that nobody handles, the policy, a file that fails. */
  log: 'console' | 'error' | 'rejection' | 'policy' | 'resource' | 'omitted';
  /** The script, or what was blocked or failed to load. */
  url?: string | undefined;
  line?: number | undefined;
  column?: number | undefined;
  /** How many the page has left out, for `omitted`. */
  messages?: number;
}

/** What a page sends. */
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
/** Settles a call with bytes, the batch's next blob: `[settleBytes, id]`. */
export const settleBytes = 1;
/** Settles a call with an error: `[settleError, id, failure]`. */
export const settleError = 2;
/** A channel's next value: `[value, channel, value]`, and a 1 behind it to ask for a grant. */
export const value = 3;
/** A channel's next bytes, the batch's next blob: `[bytes, channel]`, and a 1 to ask for a grant. */
export const bytes = 4;
/** The end of a channel: `[end, channel]`, and the failure behind it if it did not end well. */
export const end = 5;
/** An event: `[event, listeners, payload, source]`, the source being a window's label or null. */
export const event = 6;
/** Says how many values of a sink Go has consumed since it began: `[grant, sink, messages]`. */
export const grant = 7;
/** Says that nobody in Go reads this sink any more: `[stop, sink]`, and the failure behind it. */
export const stop = 8;

/** What Go sends. */
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
