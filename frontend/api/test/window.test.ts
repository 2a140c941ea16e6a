import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../src/event.js';

type Handler = (event: Event<unknown>) => unknown;

interface Listening {
  event: string;
  handler: Handler;
  target: unknown;
}

let listening: Listening[];
let calls: [command: string, args: unknown][];
let answers: Record<string, unknown>;
/** Handlers of the document's events. */
let handlers: Record<string, Set<(event: object) => void>>;

beforeEach(() => {
  listening = [];
  calls = [];
  answers = {};
  handlers = {};
  vi.resetModules();
  vi.stubGlobal('__ipc', {
    label: 'main',
    listen: (event: string, handler: Handler, target: unknown) => {
      const one = { event, handler, target };
      listening.push(one);
      return Promise.resolve(() => {
        listening = listening.filter((other) => other !== one);
      });
    },
    invoke: (command: string, args: unknown) => {
      calls.push([command.replace('casement:window/', ''), args]);
      const answer = answers[command.replace('casement:window/', '')];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  vi.stubGlobal('addEventListener', (name: string, handler: (event: object) => void) => {
    handlers[name] ??= new Set();
    handlers[name].add(handler);
  });
});

afterEach(() => vi.unstubAllGlobals());

const load = () => import('../src/window.js');

/** Delivers an event to its listeners and waits for their promises. */
async function deliver(event: string, payload?: unknown): Promise<void> {
  const delivered = Object.freeze({ event, id: 1, payload, source: null });
  await Promise.all(listening.filter((l) => l.event === event).map((l) => l.handler(delivered)));
}

const asked = () => calls.filter(([command]) => command === 'ask-close').map(([, args]) => args);
const replies = () => calls.filter(([command]) => command === 'reply-close').map(([, a]) => a);

test('a window listens for itself unless the options name a target', async () => {
  const { Window, getCurrentWindow } = await load();
  const own = { kind: 'AnyLabel', label: 'other' };
  const other = new Window('other');
  await other.listen('x', () => undefined);
  await other.listen('x', () => undefined, {});
  await other.once('x', () => undefined, {});
  await other.listen('x', () => undefined, { target: { kind: 'Any' } });
  await getCurrentWindow().listen('x', () => undefined);
  expect(listening.map(({ target }) => target)).toEqual([
    own,
    own,
    own,
    { kind: 'Any' },
    { kind: 'AnyLabel', label: 'main' },
  ]);
});

test('each method names its window', async () => {
  const { Window, getAllWindows, openWindow } = await load();
  answers['list'] = ['main', 'other'];
  const label = 'other';
  const other = new Window(label);
  await other.close();
  await other.destroy();
  await other.setFocus();
  await other.setTitle('t');
  await other.setSize({ width: 1, height: 2 });
  expect((await openWindow('new', { url: '/a', resizable: false })).label).toBe('new');
  expect((await getAllWindows()).map((window) => window.label)).toEqual(['main', 'other']);
  expect(calls).toEqual([
    ['close', { label }],
    ['destroy', { label }],
    ['focus', { label }],
    ['set-title', { label, title: 't' }],
    ['set-size', { label, width: 1, height: 2 }],
    ['open', { label: 'new', url: '/a', resizable: false }],
    ['list', undefined],
  ]);
});

test('a change of focus is one frozen event', async () => {
  const { CasementEvent, getCurrentWindow } = await load();
  const heard: Event<boolean>[] = [];
  const unlisten = await getCurrentWindow().onFocusChanged((event) => heard.push(event));
  await deliver(CasementEvent.WINDOW_FOCUS);
  await deliver(CasementEvent.WINDOW_BLUR);
  expect(heard.map(({ payload }) => payload)).toEqual([true, false]);
  expect(heard.every(Object.isFrozen)).toBe(true);
  unlisten();
  expect(listening).toEqual([]);
});

test('a request to close is answered once, by the last handler', async () => {
  const { CasementEvent, getCurrentWindow } = await load();
  const log: string[] = [];
  const on = (name: string, veto: boolean) =>
    getCurrentWindow().onCloseRequested(async (event) => {
      log.push(name);
      await null;
      if (veto) event.preventDefault();
    });
  await on('first', false);
  const second = await on('second', true);
  const request = (id: number) => deliver(CasementEvent.WINDOW_CLOSE_REQUESTED, { id });
  await request(1);
  expect(log.splice(0)).toEqual(['second']);
  expect(replies()).toEqual([{ id: 1, prevent: true }]);
  second();
  second();
  await request(2);
  expect(log).toEqual(['first']);
  expect(replies().at(-1)).toEqual({ id: 2, prevent: false });
});

test('Go asks the page while there is a handler', async () => {
  const { getCurrentWindow } = await load();
  const on = () => getCurrentWindow().onCloseRequested(() => undefined);
  const first = await on();
  const second = await on();
  first();
  await vi.waitFor(() => expect(asked()).toHaveLength(3));
  second();
  await vi.waitFor(() => expect(asked()).toHaveLength(4));
  expect(asked()).toEqual([{ ask: true }, { ask: true }, { ask: true }, { ask: false }]);
  expect(listening).toEqual([]);
});

test('a new handler is not undone by the end of the one before', async () => {
  const { getCurrentWindow } = await load();
  const on = () => getCurrentWindow().onCloseRequested(() => undefined);
  const first = await on();
  first();
  await on();
  await vi.waitFor(() => expect(asked().length).toBeGreaterThanOrEqual(3));
  expect(asked().at(-1)).toEqual({ ask: true });
});

test('a handler that throws permits the close, and its error is reported', async () => {
  const { CasementEvent, getCurrentWindow } = await load();
  await getCurrentWindow().onCloseRequested(() => {
    throw new Error('on purpose');
  });
  await expect(deliver(CasementEvent.WINDOW_CLOSE_REQUESTED, { id: 1 })).rejects.toThrow(
    'on purpose',
  );
  expect(replies()).toEqual([{ id: 1, prevent: false }]);
});

test('a handler that Go refuses is removed', async () => {
  const { getCurrentWindow } = await load();
  answers['ask-close'] = new Error('no');
  await expect(getCurrentWindow().onCloseRequested(() => undefined)).rejects.toThrow('no');
  expect(listening).toEqual([]);
});

test('a document that returns from the history registers again', async () => {
  const { getCurrentWindow } = await load();
  await getCurrentWindow().onCloseRequested(() => undefined);
  const show = (persisted: boolean) => {
    for (const handler of handlers['pageshow'] ?? []) handler({ persisted });
  };
  show(false);
  show(true);
  await vi.waitFor(() => expect(asked()).toEqual([{ ask: true }, { ask: true }]));
});

test('the names for frontends written for Tauri are the same things', async () => {
  const window = await load();
  const webview = await import('../src/webviewWindow.js');
  expect(webview.WebviewWindow).toBe(window.Window);
  expect(webview.getCurrentWebviewWindow).toBe(window.getCurrentWindow);
  expect(webview.getAllWebviewWindows).toBe(window.getAllWindows);
});
