import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import HTML from '../settings.html?raw';
import type { Recent, Settings } from '../src/bindings.gen.js';
import { DEFAULTS } from '../src/settings.js';
import { get, show } from './page.js';
import { FakeRuntime } from './runtime.js';

let go: FakeRuntime;
let inForce: Settings;

function control(name: string, value?: string): HTMLInputElement {
  const which = value === undefined ? '' : `[value="${value}"]`;
  return document.querySelector(`#settings [name="${name}"]${which}`) as HTMLInputElement;
}

function rows(): (string | null)[][] {
  return [...document.querySelectorAll('#log-rows tr')].map((row) =>
    [...row.children].slice(1).map((cell) => cell.textContent),
  );
}

async function open(): Promise<void> {
  await import('../src/settingsmain.js');
}

const FILES: Recent[] = [
  { path: '/tmp/a <b>.iso', bytes: 2048, sha256: 'abcdef0123456789', at: Date.now() },
  { path: '/tmp/b', bytes: 1, sha256: '0123456789abcdef', at: 0 },
];

beforeEach(() => {
  vi.resetModules();
  inForce = DEFAULTS;
  go = new FakeRuntime('settings');
  go.commands['load_settings'] = () => ({ settings: inForce, file: '/etc/s.json', problem: '' });
  go.commands['save_settings'] = (change) => {
    inForce = { ...inForce, ...change };
    go.deliver('settings-update', inForce);
    return inForce;
  };
  go.commands['open_recent'] = () => ({});
  go.commands['clear_recent'] = () => ({});
  go.commands['casement:window/close'] = () => ({});
  show(HTML);
  document.body.removeAttribute('data-state');
  delete document.documentElement.dataset['theme'];
  Object.assign(globalThis, { __ipc: go });
});

afterEach(() => {
  Reflect.deleteProperty(globalThis, '__ipc');
});

test('shows the settings and the path of their file', async () => {
  inForce = { theme: 'dark', group: 16, uppercase: true, reports: 5, keepHistory: false };
  await open();
  expect(document.body.dataset['state']).toBe('ready');
  expect(control('theme', 'dark').checked).toBe(true);
  expect(control('group', '16').checked).toBe(true);
  expect(control('reports', '5').checked).toBe(true);
  expect(control('uppercase').checked).toBe(true);
  expect(control('keepHistory').checked).toBe(false);
  expect(get('sample').textContent).toMatch(/^E3B0C44298FC1C14/);
  expect(get('file').textContent).toContain('/etc/s.json');
  expect(go.emitted).toEqual([['ready', undefined]]);
});

test('settings of an event override those that were loaded before it', async () => {
  go.commands['load_settings'] = () => {
    go.deliver('settings-update', { ...DEFAULTS, theme: 'light' });
    return { settings: DEFAULTS, file: '', problem: '' };
  };
  await open();
  expect(control('theme', 'light').checked).toBe(true);
});

test.each([
  ['theme', 'dark', { theme: 'dark' }],
  ['group', '0', { group: 0 }],
  ['reports', '1', { reports: 1 }],
  ['uppercase', undefined, { uppercase: true }],
  ['keepHistory', undefined, { keepHistory: false }],
])('asks Go to change %s, and for nothing else', async (name, value, change) => {
  await open();
  control(name, value).click();
  expect(go.calls.at(-1)).toEqual(['save_settings', change]);
});

test('a change that Go refuses is taken back and explained', async () => {
  go.commands['save_settings'] = () => Promise.reject(new Error('the disk is full'));
  await open();
  control('uppercase').click();
  await vi.waitFor(() => expect(get('problem').hidden).toBe(false));
  expect(get('problem').textContent).toBe('The disk is full');
  expect(control('uppercase').checked).toBe(false);
});

test('says that the file was damaged', async () => {
  go.commands['load_settings'] = () => ({
    settings: DEFAULTS,
    file: '/s',
    problem: '/s is damaged',
  });
  await open();
  expect(get('problem').textContent).toContain('/s is damaged');
});

test('applies the theme of an event', async () => {
  await open();
  go.deliver('theme-changed', 'dark');
  expect(document.documentElement.dataset['theme']).toBe('dark');
  go.deliver('theme-changed', 'system');
  expect(document.documentElement.dataset['theme']).toBeUndefined();
});

test('lists recent files and opens the chosen one', async () => {
  await open();
  expect(get('recent-empty').hidden).toBe(false);
  go.deliver('recent-update', FILES, 'settings');
  expect(get('recent-empty').hidden).toBe(true);
  const [first, second] = document.querySelectorAll<HTMLElement>('#recent-list button');
  expect(first?.textContent).toContain('a <b>.iso');
  second?.click();
  expect(go.calls.at(-1)).toEqual(['open_recent', { path: '/tmp/b' }]);
  get('recent-clear').click();
  expect(go.calls.at(-1)?.[0]).toBe('clear_recent');
  go.deliver('recent-update', [], 'settings');
  expect(get('recent-empty').hidden).toBe(false);
});

test('logs every event with its source and its target', async () => {
  await open();
  go.deliver('hash-started', { path: '/a' });
  go.deliver('open-file', '/a', 'main');
  go.deliver('recent-update', [], 'settings');
  go.deliver('open-file', '/b', 'elsewhere', 'main');
  go.deliver('casement://focus', null, 'main');
  await vi.waitFor(() =>
    expect(rows()).toEqual([
      ['hash-started', 'Go', 'all', '{"path":"/a"}'],
      ['open-file', 'Go', 'main', '"/a"'],
      ['recent-update', 'Go', 'settings', '[]'],
      ['open-file', 'main', 'other', '"/b"'],
      ['casement://focus', 'Go', 'main', ''],
    ]),
  );
  expect(get('log-count').textContent).toBe('5 events');
});

test('the log pauses, resumes, and clears', async () => {
  await open();
  get('log-pause').click();
  go.deliver('theme-changed', 'dark');
  await vi.waitFor(() => expect(get('log-count').textContent).toBe('Paused, 1 waiting'));
  expect(rows()).toEqual([]);
  get('log-pause').click();
  await vi.waitFor(() => expect(rows()).toHaveLength(1));
  get('log-clear').click();
  await vi.waitFor(() => expect(rows()).toEqual([]));
  go.deliver('theme-changed', 'light');
  await vi.waitFor(() => expect(rows()).toHaveLength(1));
});

test('the log is bounded', async () => {
  await open();
  for (let i = 0; i < 700; i++) {
    go.deliver('hash-started', { path: `/${i}` });
    if (i === 300) {
      await vi.waitFor(() => expect(rows()).toHaveLength(301));
    }
  }
  await vi.waitFor(() => expect(get('log-count').textContent).toBe('Last 500 of 700 events'));
  expect(rows()).toHaveLength(500);
  expect(rows()[0]?.[3]).toBe('{"path":"/200"}');
  expect(rows().at(-1)?.[3]).toBe('{"path":"/699"}');
});

test('the tabs follow the arrow keys', async () => {
  await open();
  const press = (key: string): void => {
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  };
  get('tab-general').focus();
  press('ArrowRight');
  expect(document.activeElement).toBe(get('tab-recent'));
  expect([get('general').hidden, get('recent').hidden]).toEqual([true, false]);
  press('End');
  expect(get('events').hidden).toBe(false);
  press('ArrowRight');
  press('ArrowLeft');
  expect(document.activeElement).toBe(get('tab-events'));
  expect(get('tab-events').getAttribute('aria-selected')).toBe('true');
  expect(get('tab-general').tabIndex).toBe(-1);
});

test('Escape closes the window', async () => {
  await open();
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  expect(go.calls.at(-1)).toEqual(['casement:window/close', { label: 'settings' }]);
});

test('shows a notice in a browser', async () => {
  Reflect.deleteProperty(globalThis, '__ipc');
  await open();
  expect(get('notice').hidden).toBe(false);
  expect(control('uppercase').disabled).toBe(true);
});

test('has no inline script or style, which a strict policy refuses', () => {
  expect(HTML).not.toMatch(/<style|style=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
});
