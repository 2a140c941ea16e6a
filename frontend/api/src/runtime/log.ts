import type { Log } from '../wire.js';
import { apply, json, later, now, slice, startsWith, toText } from './intrinsics.js';
import type { Port } from './port.js';
import { callSite, placeOf } from './stack.js';

/** How many messages a second a page may log. Go enforces the same limit. */
const perSecond = 10;

/** The size of a message's text in characters, and how many values of an object it shows. */
const maxText = 4096;
const maxValues = 200;

/** Describes a value in a text of bounded size. */
function describe(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== 'object' || !value) return toText(value);
  let left = maxValues;
  const shown = (_key: string, child: unknown): unknown => {
    if (--left < 0) throw new RangeError('too much to show');
    return typeof child === 'string' ? slice(child, 0, maxText) : child;
  };
  try {
    return json(value, shown) ?? toText(value);
  } catch {
    return toText(value);
  }
}

function describeAll(values: ArrayLike<unknown>): string {
  let text = '';
  for (let at = 0; at < values.length && text.length < maxText; at++) {
    let one: string;
    try {
      one = describe(values[at]);
    } catch {
      one = '?';
    }
    text += (at ? ' ' : '') + slice(one, 0, maxText);
  }
  return text;
}

type What = Omit<Log, 'kind' | 'log' | 'messages'>;

/**
 * Sends the page's errors to the app's log: `console.error`, unhandled errors and rejections,
 * violations of the Content-Security-Policy, and scripts, styles and images of the app that fail to
 * load. It sends at most ten messages a second. After a flood, one message reports how many were
 * omitted. While `trying`, syntax errors are not the page's.
 */
export function logErrors({ config, send }: Port, trying: () => boolean): void {
  let second = 0;
  let sent = 0;
  let omitted = 0;
  /** How many were omitted before the last look. */
  let seen = 0;

  const look = (): void => {
    if (omitted === seen) {
      send({ kind: 'log', log: 'omitted', messages: omitted });
      omitted = 0;
      seen = 0;
    } else {
      seen = omitted;
      later(look, 1000);
    }
  };
  /** Logs a message. Calls `find` for its content only within the limit. */
  const log = (what: Log['log'], find: () => { values: ArrayLike<unknown>; where: What }): void => {
    try {
      const time = now();
      if (time - second >= 1000 || time < second) {
        second = time;
        sent = 0;
      }
      if (sent >= perSecond) {
        if (omitted++ === 0) later(look, 1000);
        return;
      }
      sent++;
      const {
        values,
        where: { url, line, column },
      } = find();
      const header: Log = { kind: 'log', log: what, url: url && slice(url, 0, 1024), line, column };
      send(header, json(slice(describeAll(values), 0, maxText)));
    } catch {
      // An error that can't be logged is dropped.
    }
  };

  const { console } = globalThis;
  console.error = new Proxy(console.error, {
    apply(target, self, values: unknown[]) {
      log('console', () => {
        let error: unknown;
        for (let at = 0; at < values.length; at++) {
          if (values[at] instanceof Error) error ??= values[at];
        }
        return { values, where: placeOf(((error ?? callSite()) as Error | undefined)?.stack) };
      });
      return apply(target, self, values);
    },
  });
  addEventListener(
    'error',
    (event) => {
      const { target } = event;
      if (target === globalThis) {
        const { message, error, filename: url, lineno: line, colno: column } = event;
        if (trying() && error instanceof SyntaxError) return;
        log('error', () => ({
          values: [error instanceof Error ? error : message],
          where: { url, line, column },
        }));
        return;
      }
      const { localName, src, href } = target as HTMLImageElement & HTMLLinkElement;
      const url = `${src || href}`;
      if (startsWith(url, `${config.origin}/`))
        log('resource', () => ({ values: [localName], where: { url } }));
    },
    true,
  );
  addEventListener('unhandledrejection', ({ reason }) => {
    log('rejection', () => ({
      values: [reason],
      where: placeOf(reason instanceof Error && reason.stack),
    }));
  });
  addEventListener(
    'securitypolicyviolation',
    ({ disposition, effectiveDirective, blockedURI, sourceFile, lineNumber, columnNumber }) => {
      if (disposition === 'report') return;
      log('policy', () => ({
        values: [effectiveDirective, slice(blockedURI, 0, 1024)],
        where: { url: sourceFile || undefined, line: lineNumber, column: columnNumber },
      }));
    },
    true,
  );
}
