import { IpcError } from '@casement/api/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import HTML from '../process.html?raw';
import type { Gauge, ProcessEvent } from '../src/bindings.gen.js';
import { NOTHING } from '../src/flow.js';
import type { Run } from '../src/process.js';
import { titleOf, describe as words } from '../src/processview.js';
import { get, show } from './page.js';
import { FakeRuntime } from './runtime.js';

interface Job {
  command: string;
  aborted: boolean;
  /** Returns the handler's result: a promise while the page is paused. */
  say(event: ProcessEvent): unknown;
  gauge(gauge: Partial<Gauge>): void;
  /** Go has closed the channels and the command has returned. */
  finish(reason?: unknown): void;
}

let jobs: Job[];
let go: FakeRuntime;
let titles: string[];

interface FakeChannel {
  onmessage: (message: unknown) => unknown;
  closed: Promise<void>;
  close: () => void;
}

function channel(onmessage: FakeChannel['onmessage']): FakeChannel {
  let close = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  return { onmessage, closed, close };
}

function run(args: Record<string, unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  const onEvent = args['onEvent'] as FakeChannel;
  const onGauge = args['onGauge'] as FakeChannel;
  return new Promise((resolve, reject) => {
    const job: Job = {
      command: String(args['command']),
      aborted: false,
      say: (event) => onEvent.onmessage(event),
      gauge: (gauge) => onGauge.onmessage({ ...NOTHING, ...gauge }),
      finish: (reason) => {
        onEvent.close();
        if (reason === undefined) {
          resolve({});
        } else {
          reject(reason);
        }
      },
    };
    signal?.addEventListener('abort', () => {
      job.aborted = true;
      reject(new IpcError({ code: 'cancelled', message: 'cancelled' }));
    });
    jobs.push(job);
  });
}

function written(): string[] {
  return [...document.querySelectorAll('#rows p')].map(
    (row) => `${row.className}: ${row.textContent}`,
  );
}

async function start(command: string): Promise<Job> {
  await import('../src/processmain.js');
  get<HTMLInputElement>('command').value = command;
  get('start').click();
  const job = jobs.at(-1);
  if (job === undefined) {
    throw new Error('nothing was started');
  }
  return job;
}

beforeEach(() => {
  jobs = [];
  titles = [];
  vi.resetModules();
  go = new FakeRuntime('process');
  go.commands['casement:window/set-title'] = ({ title }) => titles.push(String(title));
  show(HTML);
  Object.assign(globalThis, {
    __ipc: {
      label: go.label,
      listen: go.listen,
      emit: go.emit,
      channel,
      invoke: (
        command: string,
        args: Record<string, unknown>,
        options?: { signal?: AbortSignal },
      ) => (command === 'run_process' ? run(args, options?.signal) : go.invoke(command, args)),
    },
  });
});

afterEach(() => {
  Reflect.deleteProperty(globalThis, '__ipc');
});

test('shows what a process writes and how it ends', async () => {
  const job = await start('make all');
  expect(job.command).toBe('make all');
  expect(document.body.dataset['state']).toBe('running');
  expect([get('start').hidden, get('stop').hidden]).toEqual([true, false]);
  job.say({ event: 'started', data: { pid: 42 } });
  expect(get('status').textContent).toBe('Running as process 42');
  job.say({ event: 'output', data: { stream: 'stdout', text: 'a <b>\nc', bytes: 7 } });
  job.say({ event: 'output', data: { stream: 'stderr', text: 'oh\n', bytes: 3 } });
  job.gauge({ bytes: 10, messages: 3 });
  job.say({ event: 'exited', data: { code: 3, signal: null, seconds: 2 } });
  job.finish();
  expect(written()).toEqual(['stdout: a <b>\n', 'stdout: c\n', 'stderr: oh\n']);
  expect(get('status').textContent).toBe('Exited with code 3 after 2.00 s');
  expect(document.body.dataset['state']).toBe('ended');
  expect(get('lines-count').textContent).toBe('3 lines');
  expect(get('messages').textContent).toBe('4 total');
  expect(get('bytes').textContent).toBe('10 bytes total');
  expect(get('made').textContent).toBe('10 bytes');
  expect(get('lines-empty').hidden).toBe(true);
  await vi.waitFor(() => expect(titles.at(-1)).toBe('make all, ended – Hasher Process'));
});

test('consumes nothing while it is paused, and shows that Go waits', async () => {
  const job = await start('yes');
  job.say({ event: 'started', data: { pid: 1 } });
  get('pause').click();
  expect(get('pause').textContent).toBe('Resume');
  expect(document.body.dataset['pace']).toBe('paused');
  const taken = job.say({ event: 'output', data: { stream: 'stdout', text: 'y\n', bytes: 2 } });
  expect(taken).toBeInstanceOf(Promise);
  job.gauge({ bytes: 3 << 20, held: true });
  await vi.waitFor(() => expect(document.body.dataset['pace']).toBe('held'));
  expect(get('ahead').textContent).toBe('3.00 MiB in transit');
  expect(written()).toEqual([]);
  get('pause').click();
  await taken;
  job.gauge({ bytes: 2 });
  await vi.waitFor(() => expect(document.body.dataset['pace']).toBe('flowing'));
  await vi.waitFor(() => expect(written()).toEqual(['stdout: y\n']));
});

test('Stop ends the process, and still shows its last output', async () => {
  const job = await start('sleep 1000');
  get('stop').click();
  expect(job.aborted).toBe(false);
  job.say({ event: 'started', data: { pid: 5 } });
  expect(job.aborted).toBe(true);
  expect(get('status').textContent).toBe('Stopping process 5…');
  job.say({ event: 'output', data: { stream: 'stderr', text: 'bye\n', bytes: 4 } });
  job.say({ event: 'exited', data: { code: null, signal: 'terminated', seconds: 1 } });
  job.finish();
  expect(get('status').textContent).toBe('Stopped after 1.00 s, ended by a signal: terminated');
  expect(written()).toEqual(['stderr: bye\n']);
});

test('Stop or Escape resumes a paused stream', async () => {
  const job = await start('yes');
  job.say({ event: 'started', data: { pid: 1 } });
  get('pause').click();
  const taken = job.say({ event: 'exited', data: { code: 0, signal: null, seconds: 1 } });
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', cancelable: true }));
  await taken;
  expect(job.aborted).toBe(true);
  expect(document.body.dataset['state']).toBe('ended');
  expect(get('pause').textContent).toBe('Pause');
});

test('a second run starts empty', async () => {
  const first = await start('echo 1');
  first.say({ event: 'started', data: { pid: 1 } });
  first.say({ event: 'output', data: { stream: 'stdout', text: 'one\n', bytes: 4 } });
  first.say({ event: 'exited', data: { code: 0, signal: null, seconds: 0 } });
  first.finish();
  get('start').click();
  expect(jobs).toHaveLength(2);
  await vi.waitFor(() => expect(written()).toEqual([]));
  expect(get('lines-empty').hidden).toBe(false);
  get('form').dispatchEvent(new Event('submit', { cancelable: true }));
  expect(jobs).toHaveLength(2);
});

test('shows why a process can’t start', async () => {
  const job = await start('x');
  job.finish(new IpcError({ code: 'failed', message: 'the process can’t be run: no shell' }));
  await vi.waitFor(() => expect(document.body.dataset['state']).toBe('failed'));
  expect(get('status').textContent).toBe('The process can’t be run: no shell');
  expect(get('start').hidden).toBe(false);
});

test('asks for a command if the field is empty', async () => {
  await expect(start('  ')).rejects.toThrow('nothing was started');
  expect(get('status').textContent).toBe('Type a command first.');
});

test.each<[Run, string, string]>([
  [{ phase: 'ready' }, 'ready', 'Hasher Process'],
  [
    { phase: 'running', command: 'a', pid: 1, stopping: false },
    'running',
    'a, running – Hasher Process',
  ],
  [
    { phase: 'ended', command: 'a', code: 0, signal: null, seconds: 1, stopped: false },
    'good',
    'a, ended – Hasher Process',
  ],
  [
    { phase: 'ended', command: 'a', code: null, signal: 'killed', seconds: 1, stopped: false },
    'bad',
    'a, ended – Hasher Process',
  ],
  [
    { phase: 'ended', command: 'a', code: 0, signal: null, seconds: 1, stopped: true },
    'stopped',
    'a, ended – Hasher Process',
  ],
  [
    { phase: 'failed', command: '😀'.repeat(50), message: 'no' },
    'bad',
    `${'😀'.repeat(40)}…, not run – Hasher Process`,
  ],
])('%j looks %s', (run, outcome, title) => {
  expect(words(run).outcome).toBe(outcome);
  expect(titleOf(run)).toBe(title);
});

test('shows a notice in a browser', async () => {
  Reflect.deleteProperty(globalThis, '__ipc');
  await import('../src/processmain.js');
  expect(get('notice').hidden).toBe(false);
  expect(get<HTMLButtonElement>('start').disabled).toBe(true);
});

test('has no inline script or style, which a strict policy refuses', () => {
  expect(HTML).not.toMatch(/<style|style=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
});
