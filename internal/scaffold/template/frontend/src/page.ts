import { Channel, IpcError } from '@casement/api/core';
import { listen } from '@casement/api/event';
import { CasementEvent, getCurrentWindow } from '@casement/api/window';
import { commands, events } from './bindings.gen.js';

function find<T extends Element>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Returns the message of an error for the user, or '' if the user cancelled. */
function explain(error: unknown): string {
  if (error instanceof IpcError) return error.code === 'cancelled' ? '' : error.message;
  throw error;
}

function greeting(): void {
  const name = find<HTMLInputElement>('#name');
  const greeted = find<HTMLOutputElement>('#greeted');
  find('#greeting').addEventListener('submit', async (event) => {
    event.preventDefault();
    greeted.value = await commands.greet({ name: name.value }).catch(explain);
  });
}

function counting(): void {
  const to = find<HTMLInputElement>('#to');
  const startButton = find<HTMLButtonElement>('#start');
  const stopButton = find<HTMLButtonElement>('#stop');
  const progress = find<HTMLProgressElement>('#progress');
  const counted = find<HTMLOutputElement>('#counted');
  find('#counting').addEventListener('submit', async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stopButton.onclick = () => abort.abort();
    startButton.disabled = true;
    stopButton.disabled = false;
    counted.value = '';
    progress.max = to.valueAsNumber;
    const onTick = new Channel<number>((n) => {
      progress.value = n;
    });
    try {
      await commands.count({ to: to.valueAsNumber, onTick }, { signal: abort.signal });
    } catch (error) {
      counted.value = explain(error);
    }
    startButton.disabled = false;
    stopButton.disabled = true;
  });
}

/** Shows the files and URLs that the user opens. Both events are retained for later pages. */
async function opening(): Promise<void> {
  const show = async (names: string[]) => {
    find<HTMLOutputElement>('#opened').value = `Opened ${names.join(', ')}`;
    await getCurrentWindow().setTitle(`${names.at(-1)} – ${document.title}`);
  };
  await listen<{ paths: string[] }>(CasementEvent.OPEN_FILE, ({ payload }) => show(payload.paths));
  await listen<{ urls: string[] }>(CasementEvent.OPEN_URL, ({ payload }) => show(payload.urls));
}

/** Connects the page's controls. Resolves when the page receives events. */
export async function start(): Promise<void> {
  greeting();
  counting();
  await opening();
  await events.counted.listen(({ payload }) => {
    find<HTMLOutputElement>('#counted').value = `Counted to ${payload}.`;
  });
}
