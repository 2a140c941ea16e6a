import { invoke } from '../../src/core.js';
import {
  CasementEvent,
  getAllWindows,
  getCurrentWindow,
  openWindow,
  Window,
} from '../../src/window.js';
import { test } from './harness.js';

// For Go, which drives several windows at once.
export * as event from '../../src/event.js';
export * as windows from '../../src/window.js';
export { names, run } from './harness.js';

const labels = async (): Promise<string[]> => (await getAllWindows()).map(({ label }) => label);

/** Waits until a condition holds. Go's timeout ends it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((go) => setTimeout(go, 5));
}

/** Opens a window and closes it after the test. */
async function withWindow(label: string, use: (window: Window) => Promise<void>): Promise<void> {
  const window = await openWindow(label, { title: label, width: 300, height: 200 });
  try {
    await use(window);
  } finally {
    await window.destroy().catch(() => undefined);
    await until(async () => !(await labels()).includes(label));
  }
}

test('a page opens, lists and closes windows', async (t) => {
  t.equal(await labels(), ['main']);
  await withWindow('second', async (second) => {
    t.equal(second.label, 'second');
    t.equal(await labels(), ['main', 'second']);
    await withWindow('窗/3', async () => {
      t.equal(await labels(), ['main', 'second', '窗/3']);
    });
    await second.close();
    await until(async () => (await labels()).length === 1);
    await t.rejects(second.close(), 'failed');
  });
  t.equal(await labels(), ['main']);
});

test('windows that come and go are announced', async (t) => {
  const heard: string[] = [];
  const note = (what: string) => (event: { payload: { label: string } }) =>
    heard.push(`${what} ${event.payload.label}`);
  const created = await getCurrentWindow().listen(
    CasementEvent.WINDOW_CREATED,
    note('created') as never,
  );
  const destroyed = await getCurrentWindow().listen(
    CasementEvent.WINDOW_DESTROYED,
    note('destroyed') as never,
  );
  await withWindow('fleeting', () => until(() => heard.length === 1));
  await until(() => heard.length === 2);
  t.equal(heard, ['created fleeting', 'destroyed fleeting']);
  created();
  destroyed();
});

test('a window needs a valid label of its own', async (t) => {
  await t.rejects(openWindow('main'), 'failed');
  await t.rejects(openWindow('a b'), 'failed');
  await t.rejects(openWindow(''), 'failed');
  await t.rejects(openWindow('x'.repeat(300)), 'failed');
  await t.rejects(new Window('nobody').setTitle('x'), 'failed');
  t.equal(await labels(), ['main']);
});

test('a page opens the app’s own files only', async (t) => {
  for (const url of [
    'https://example.com/',
    '//example.com/',
    '/\\example.com/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'index.html',
    ' /index.html',
    'data:text/html,x',
  ]) {
    await t.rejects(openWindow('elsewhere', { url }), 'denied');
  }
  t.equal(await labels(), ['main']);
});

test('a size must be positive', async (t) => {
  const { setSize } = Window.prototype;
  const main = getCurrentWindow();
  await t.rejects(setSize.call(main, { width: 0, height: 100 }), 'failed');
  await t.rejects(setSize.call(main, { width: 100, height: -1 }), 'failed');
  await t.rejects(setSize.call(main, { width: 1.5, height: 100 }), 'bad_arguments');
  await t.rejects(setSize.call(main, { width: '100', height: 100 } as never), 'bad_arguments');
});

test('arguments of window commands are validated', async (t) => {
  await t.rejects(invoke('casement:window/close', {}), 'bad_arguments');
  await t.rejects(invoke('casement:window/close', { label: 1 }), 'bad_arguments');
  await t.rejects(invoke('casement:window/open', { label: 'x', access: 7 }), 'bad_arguments');
  await t.rejects(invoke('casement:window/set-title', { label: 'main' }), 'bad_arguments');
  await t.rejects(invoke('casement:window/reply-close', { id: 1, prevent: true }), 'failed');
  await t.rejects(invoke('casement:window/no-such', {}), 'unknown_command');
});

test('a page resizes its own window', async () => {
  await getCurrentWindow().setSize({ width: 520, height: 340 });
  await until(() => innerWidth === 520 && innerHeight === 340);
  await getCurrentWindow().setFocus();
});
