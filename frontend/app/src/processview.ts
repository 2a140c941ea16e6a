import { find } from './find.js';
import { say } from './flowview.js';
import { formatDuration } from './format.js';
import type { Run } from './process.js';

/** Outcome selects the colour of the status. */
type Outcome = 'ready' | 'running' | 'good' | 'bad' | 'stopped';

/** ProcessView shows a Run in the elements of the process window. */
export class ProcessView {
  readonly form = find('form', HTMLFormElement);
  readonly command = find('command', HTMLInputElement);
  readonly stop = find('stop', HTMLButtonElement);

  readonly #start = find('start', HTMLButtonElement);
  readonly #status = find('status', HTMLElement);
  #phase: Run['phase'] | null = null;

  /** render shows the state of the process. */
  render(run: Run): void {
    const { outcome, text } = describe(run);
    say(this.#status, text);
    if (run.phase !== this.#phase) {
      this.#enter(run);
    }
    this.stop.disabled = run.phase === 'running' && run.stopping;
    document.body.dataset['outcome'] = outcome;
    // Last, because tests wait for it and then read the rest.
    document.body.dataset['state'] = run.phase;
  }

  #enter(run: Run): void {
    this.#phase = run.phase;
    const running = run.phase === 'running';
    const focused = document.activeElement;
    this.#start.hidden = running;
    this.stop.hidden = !running;
    this.command.readOnly = running;
    if (running && focused === this.#start) {
      this.stop.focus();
    } else if (!running && focused === this.stop) {
      this.#start.focus();
    }
  }

  /** lock disables a page that runs outside the application. */
  lock(): void {
    find('notice', HTMLElement).hidden = false;
    document.body.classList.add('locked');
    this.command.disabled = true;
    this.#start.disabled = true;
  }
}

/** describe returns the status text of a Run. */
export function describe(run: Run): { outcome: Outcome; text: string } {
  switch (run.phase) {
    case 'ready':
      return { outcome: 'ready', text: 'Ready for a command' };
    case 'running':
      return { outcome: 'running', text: progress(run) };
    case 'ended':
      return ending(run);
    case 'failed':
      return { outcome: 'bad', text: run.message.charAt(0).toUpperCase() + run.message.slice(1) };
  }
}

function progress({ pid, stopping }: Run & { phase: 'running' }): string {
  if (pid === null) {
    return 'Starting…';
  }
  return stopping ? `Stopping process ${pid}…` : `Running as process ${pid}`;
}

function ending(run: Run & { phase: 'ended' }): { outcome: Outcome; text: string } {
  const how =
    run.signal === null ? `exited with code ${run.code}` : `ended by a signal: ${run.signal}`;
  const after = `after ${formatDuration(run.seconds)}`;
  if (run.stopped) {
    return { outcome: 'stopped', text: `Stopped ${after}, ${how}` };
  }
  const text = `${how.charAt(0).toUpperCase()}${how.slice(1)} ${after}`;
  return { outcome: run.code === 0 ? 'good' : 'bad', text };
}

/** CLIP is how many characters of a command a title shows. */
const CLIP = 40;

/** titleOf returns the window's title for a Run. */
export function titleOf(run: Run): string {
  const name = 'Hasher Process';
  if (run.phase === 'ready' || run.command.trim() === '') {
    return name;
  }
  const characters = [...run.command.trim()];
  const command =
    characters.length > CLIP ? `${characters.slice(0, CLIP).join('')}…` : characters.join('');
  const how = { running: 'running', ended: 'ended', failed: 'not run' }[run.phase];
  return `${command}, ${how} – ${name}`;
}
