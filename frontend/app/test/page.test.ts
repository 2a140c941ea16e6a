import { IpcError } from '@casement/api/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import HTML from '../index.html?raw';
import type { Progress } from '../src/bindings.gen.js';
import { DEFAULTS } from '../src/settings.js';
import { get, show } from './page.js';
import { FakeRuntime } from './runtime.js';

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

interface Job {
  path: string;
  say(message: Progress): void;
  finish(bytes: number): void;
  fail(reason: unknown): void;
}

/** runtime returns a fake page runtime that records the calls of the page. */
const jobs: Job[] = [];
const picks: (string | null)[] = [];
let drop: (paths: string[]) => void;
let startup: string | null;
let go: FakeRuntime;
const titles: string[] = [];
const saved: unknown[] = [];
let opened = 0;

function runtime(): object {
  go = new FakeRuntime('main');
  return {
    label: go.label,
    listen: go.listen,
    emit: go.emit,
    channel: (onmessage: unknown) => ({ onmessage, close: () => undefined }),
    invoke: (
      command: string,
      args: Record<string, unknown>,
      options?: { signal?: AbortSignal },
    ) => {
      switch (command) {
        case 'startup':
          return Promise.resolve({ path: startup });
        case 'pick_file':
          return Promise.resolve(picks.shift() ?? null);
        case 'watch_drops':
          drop = (args['onDrop'] as { onmessage: typeof drop }).onmessage;
          return Promise.resolve();
        case 'casement:window/set-title':
          titles.push(String(args['title']));
          return Promise.resolve();
        case 'save_settings':
          saved.push(args);
          return Promise.resolve(DEFAULTS);
        case 'open_settings':
          opened++;
          return Promise.resolve();
        case 'hash_file':
          return job(args, options?.signal);
        default:
          return Promise.reject(new Error(command));
      }
    },
  };
}

function job(args: Record<string, unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  const path = String(args['path']);
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () =>
      reject(new IpcError({ code: 'cancelled', message: 'cancelled' })),
    );
    jobs.push({
      path,
      say: (args['onEvent'] as { onmessage: Job['say'] }).onmessage,
      finish: (bytes) => resolve({ path, bytes, sha256: SHA256, seconds: 2 }),
      fail: reject,
    });
  });
}

function state(): string | undefined {
  return document.body.dataset['state'];
}

async function reach(phase: string): Promise<void> {
  await vi.waitFor(() => expect(state()).toBe(phase), { interval: 1 });
}

function running(): Job {
  const latest = jobs.at(-1);
  if (latest === undefined) {
    throw new Error('no job was started');
  }
  return latest;
}

function press(key: string, init: KeyboardEventInit = {}): void {
  document.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true, ...init }));
}

async function open(): Promise<void> {
  await import('../src/main.js');
}

function hash(path: string): Job {
  get<HTMLInputElement>('path').value = path;
  get('hash').click();
  return running();
}

beforeEach(() => {
  jobs.length = 0;
  picks.length = 0;
  titles.length = 0;
  saved.length = 0;
  opened = 0;
  startup = null;
  vi.resetModules();
  show(HTML);
  Object.assign(globalThis, { __ipc: runtime() });
});

afterEach(() => {
  Reflect.deleteProperty(globalThis, '__ipc');
});

test('is idle when it opens, with the focus in the field', async () => {
  await open();
  expect(state()).toBe('idle');
  expect(document.activeElement).toBe(get('path'));
  expect(get('cancel').hidden).toBe(true);
  expect(get('notice').hidden).toBe(true);
});

test('puts the file of the command line into the field and does not start', async () => {
  startup = '/tmp/given';
  await open();
  expect(get<HTMLInputElement>('path').value).toBe('/tmp/given');
  expect(jobs).toEqual([]);
});

test('shows a digest and its details once the state is done', async () => {
  await open();
  const job = hash('/tmp/a.iso');
  expect(state()).toBe('running');
  expect(get('hash').hidden).toBe(true);
  expect(get('cancel').hidden).toBe(false);
  expect(get('progress').hasAttribute('aria-valuenow')).toBe(false);
  expect(get<HTMLInputElement>('path').readOnly).toBe(true);

  job.say({ event: 'started', data: { path: job.path, totalBytes: 2048 } });
  job.say({ event: 'chunk', data: { bytesRead: 1024 } });
  await vi.waitFor(() => expect(get('progress').getAttribute('aria-valuenow')).toBe('50'));
  expect(get('progress').getAttribute('aria-valuetext')).toBe('1.00 KiB of 2.00 KiB');
  expect(get('status').textContent).toBe('Hashing a.iso…');

  job.say({ event: 'done', data: { sha256: SHA256, bytes: 2048, seconds: 2 } });
  job.finish(2048);
  await reach('done');
  expect(get('digest').textContent).toBe(SHA256);
  expect(get('progress').getAttribute('aria-valuenow')).toBe('100');
  expect(get('rate').textContent).toBe('1.00 KiB/s');
  expect(get('time').textContent).toBe('2.00 s');
  expect(get('error').textContent).toBe('');
});

test('says that an empty file is empty', async () => {
  await open();
  const job = hash('/tmp/empty');
  job.say({ event: 'started', data: { path: job.path, totalBytes: 0 } });
  job.finish(0);
  await reach('done');
  expect(get('advice').textContent).toContain('empty');
  expect(get('digest').textContent).toBe(SHA256);
});

test('marks the field of an error until the path is edited', async () => {
  await open();
  const path = get<HTMLInputElement>('path');
  hash('/tmp/missing').fail(
    new IpcError({
      code: 'failed',
      message: 'open',
      details: { kind: 'not_found', path: '/tmp/missing' },
    }),
  );
  await reach('error');
  expect(get('error').textContent).toBe('There is no file at /tmp/missing');
  expect(path.getAttribute('aria-invalid')).toBe('true');
  expect(path.getAttribute('aria-describedby')).toContain('error');
  expect(get('digest').textContent).toBe('');

  path.dispatchEvent(new Event('input'));
  expect(state()).toBe('idle');
  expect(path.hasAttribute('aria-invalid')).toBe(false);
  expect(get('error').textContent).toBe('');
});

test('asks for a path if the field is empty', async () => {
  await open();
  get('hash').click();
  expect(state()).toBe('error');
  expect(jobs).toEqual([]);
});

test('Escape cancels, and the focus stays on a control', async () => {
  await open();
  get('hash').focus();
  const job = hash('/tmp/a');
  expect(document.activeElement).toBe(get('cancel'));
  job.say({ event: 'started', data: { path: job.path, totalBytes: 2048 } });
  press('Escape');
  await reach('cancelled');
  expect(document.activeElement).toBe(get('hash'));
  expect(get('cancel').hidden).toBe(true);
});

test('a message of a cancelled job does not touch the next one', async () => {
  await open();
  const stale = hash('/tmp/a');
  get('cancel').click();
  await reach('cancelled');
  const job = hash('/tmp/b');
  job.say({ event: 'started', data: { path: job.path, totalBytes: 10 } });
  stale.say({ event: 'chunk', data: { bytesRead: 9 } });
  job.say({ event: 'chunk', data: { bytesRead: 1 } });
  await vi.waitFor(() => expect(get('progress').getAttribute('aria-valuenow')).toBe('10'));
});

test('a second click while a job runs starts nothing', async () => {
  await open();
  hash('/tmp/a');
  get('form').dispatchEvent(new Event('submit', { cancelable: true }));
  expect(jobs).toHaveLength(1);
});

test('hashes a file that is dropped, but not while it is busy', async () => {
  await open();
  drop(['/tmp/dropped', '/tmp/another']);
  expect(running().path).toBe('/tmp/dropped');
  expect(get<HTMLInputElement>('path').value).toBe('/tmp/dropped');
  drop(['/tmp/late']);
  expect(jobs).toHaveLength(1);
});

test('uses the file of the dialog, and none if it was dismissed', async () => {
  picks.push('/tmp/picked', null);
  await open();
  const path = get<HTMLInputElement>('path');
  get('choose').click();
  await vi.waitFor(() => expect(path.value).toBe('/tmp/picked'));
  press('o', { ctrlKey: true });
  await Promise.resolve();
  expect(path.value).toBe('/tmp/picked');
  expect(jobs).toEqual([]);
});

test('copies the digest and confirms it', async () => {
  const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
  await open();
  hash('/tmp/a').finish(3);
  await reach('done');
  get('copy').click();
  await vi.waitFor(() => expect(get('copy').textContent).toBe('Copied'));
  expect(writeText).toHaveBeenCalledWith(SHA256);
});

test('lists earlier digests, each file once', async () => {
  await open();
  for (const path of ['/tmp/a', '/tmp/b', '/tmp/a', '/tmp/c']) {
    hash(path).finish(3);
    await reach('done');
  }
  const names = [...document.querySelectorAll('.earlier-file')].map((name) => name.textContent);
  expect(names).toEqual(['a', 'b']);
});

test('opens the settings by button and by keyboard', async () => {
  await open();
  get('open-settings').click();
  expect(opened).toBe(1);
  press(',');
  expect(opened).toBe(1);
  press(',', { ctrlKey: true });
  // The pages of earlier tests listen on the same document.
  expect(opened).toBeGreaterThan(1);
});

test('applies new settings to the digest on show at once', async () => {
  await open();
  for (const path of ['/tmp/a', '/tmp/b']) {
    hash(path).finish(3);
    await reach('done');
  }
  go.deliver('settings-update', { ...DEFAULTS, uppercase: true, group: 16 });
  expect(get('digest').textContent).toBe(SHA256.toUpperCase());
  expect(document.querySelectorAll('#digest span')).toHaveLength(4);
  expect(document.querySelector('.earlier-digest')?.textContent).toBe(SHA256.toUpperCase());
  expect(get('uppercase').getAttribute('aria-pressed')).toBe('true');
  get('uppercase').click();
  expect(saved).toEqual([{ uppercase: false }]);
});

test('forgets earlier digests when the history is off', async () => {
  await open();
  for (const path of ['/tmp/a', '/tmp/b']) {
    hash(path).finish(3);
    await reach('done');
  }
  expect(get('earlier').hidden).toBe(false);
  go.deliver('settings-update', { ...DEFAULTS, keepHistory: false });
  expect(get('earlier').hidden).toBe(true);
  expect(get('digest').textContent).toBe(SHA256);
  hash('/tmp/c').finish(3);
  await reach('done');
  expect(get('earlier').hidden).toBe(true);
});

test('hashes a file that Go opens, but not while it is busy', async () => {
  await open();
  go.deliver('open-file', '/tmp/elsewhere', 'settings');
  expect(jobs).toHaveLength(0);
  go.deliver('open-file', '/tmp/opened', 'main');
  expect(running().path).toBe('/tmp/opened');
  expect(get<HTMLInputElement>('path').value).toBe('/tmp/opened');
  go.deliver('open-file', '/tmp/late', 'main');
  expect(jobs).toHaveLength(1);
});

test('emits ready when it listens, and sets the window title to its state', async () => {
  await open();
  expect(go.emitted).toEqual([['ready', undefined]]);
  hash('/tmp/a').finish(3);
  await reach('done');
  await vi.waitFor(() => expect(titles.at(-1)).toBe('a, hashed – Hasher'));
});

test('shows a notice in a browser', async () => {
  Reflect.deleteProperty(globalThis, '__ipc');
  await open();
  expect(get('notice').hidden).toBe(false);
  expect(get<HTMLButtonElement>('hash').disabled).toBe(true);
});

test('has no inline script or style, which a strict policy refuses', () => {
  expect(HTML).not.toMatch(/<style|style=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
});
