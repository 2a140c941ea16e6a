import { readFileSync } from 'node:fs';
import { clearMocks, type MockChannel, type MockHandler, mockIPC } from '@casement/api/mocks';
import { afterEach, expect, test, vi } from 'vitest';
import { start } from '../src/page.js';

const html = readFileSync('index.html', 'utf8').replace(/<(script|link)[^>]*>/g, '');

/** Opens the page with a mock in place of Go. */
async function open(handler: MockHandler) {
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? '';
  const go = mockIPC(handler, { shouldMockEvents: true });
  await start();
  return go;
}

const submit = (form: string) =>
  document.querySelector(form)?.dispatchEvent(new Event('submit', { cancelable: true }));
const text = (output: string) => document.querySelector<HTMLOutputElement>(output)?.value;

afterEach(() => clearMocks());

test('the page greets', async () => {
  await open((cmd, args) => `${cmd} ${JSON.stringify(args)}`);
  const name = document.querySelector<HTMLInputElement>('#name');
  if (name) name.value = 'Ann';
  submit('#greeting');
  await vi.waitFor(() => expect(text('#greeted')).toBe('greet {"name":"Ann"}'));
});

test('the page shows an error', async () => {
  await open(() => {
    throw new Error('tell me your name first');
  });
  submit('#greeting');
  await vi.waitFor(() => expect(text('#greeted')).toBe('tell me your name first'));
});

test('a count moves the bar, and its event shows the result', async () => {
  const go = await open(async (_cmd, args) => {
    const onTick = args['onTick'] as MockChannel<number>;
    for (const n of [1, 2, 3]) await onTick.send(n);
    onTick.close();
    go.emit('counted', args['to']);
    return args['to'];
  });
  submit('#counting');
  await vi.waitFor(() => expect(text('#counted')).toBe('Counted to 50.'));
  expect(document.querySelector<HTMLProgressElement>('#progress')?.value).toBe(3);
});

test('the page and the title show what the user opens', async () => {
  document.title = 'App';
  const titles: unknown[] = [];
  const go = await open(
    (cmd, { title }) => cmd === 'casement:window/set-title' && titles.push(title),
  );
  go.emit('casement://open-file', { paths: ['/a', '/b'] });
  await vi.waitFor(() => expect(text('#opened')).toBe('Opened /a, /b'));
  go.emit('casement://open-url', { urls: ['app:c'] });
  await vi.waitFor(() => expect(text('#opened')).toBe('Opened app:c'));
  await vi.waitFor(() => expect(titles).toEqual(['/b – App', 'app:c – App']));
});

test('a count can be stopped', async () => {
  const stopped = vi.fn();
  await open(
    (_cmd, _args, { signal }) => new Promise(() => signal.addEventListener('abort', stopped)),
  );
  const stop = document.querySelector<HTMLButtonElement>('#stop');
  submit('#counting');
  await vi.waitFor(() => expect(stop?.disabled).toBe(false));
  stop?.click();
  await vi.waitFor(() => expect(stop?.disabled).toBe(true));
  await vi.waitFor(() => expect(stopped).toHaveBeenCalledOnce());
});
