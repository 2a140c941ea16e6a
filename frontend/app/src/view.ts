import type { Digest, Settings } from './bindings.gen.js';
import { CopyButton } from './copybutton.js';
import { write } from './digits.js';
import { row } from './earlier.js';
import { find } from './find.js';
import {
  baseName,
  formatBytes,
  formatDuration,
  formatPercent,
  formatRate,
  formatTimeLeft,
  percent,
  UNKNOWN,
} from './format.js';
import type { Meter } from './meter.js';
import { DEFAULTS } from './settings.js';
import type { State } from './state.js';

/**
 * FIGURES_EVERY is the time between updates of figures, in milliseconds: long enough to read them.
 */
const FIGURES_EVERY = 200;

type Phase<P extends State['phase']> = Extract<State, { phase: P }>;

/** View shows a State in the elements of the window. */
export class View {
  readonly form = find('form', HTMLFormElement);
  readonly path = find('path', HTMLInputElement);
  readonly choose = find('choose', HTMLButtonElement);
  readonly cancel = find('cancel', HTMLButtonElement);
  readonly processButton = find('open-process', HTMLButtonElement);
  readonly pictureButton = find('open-picture', HTMLButtonElement);
  readonly settingsButton = find('open-settings', HTMLButtonElement);
  readonly uppercase = find('uppercase', HTMLButtonElement);

  readonly #hash = find('hash', HTMLButtonElement);
  readonly #notice = find('notice', HTMLElement);
  readonly #status = find('status', HTMLElement);
  readonly #error = find('error', HTMLElement);
  readonly #advice = find('advice', HTMLElement);
  readonly #percent = find('percent', HTMLElement);
  readonly #meter = find('meter', HTMLElement);
  readonly #progress = find('progress', HTMLElement);
  readonly #amount = find('amount', HTMLElement);
  readonly #amountName = find('amount-name', HTMLElement);
  readonly #rate = find('rate', HTMLElement);
  readonly #rateName = find('rate-name', HTMLElement);
  readonly #time = find('time', HTMLElement);
  readonly #timeName = find('time-name', HTMLElement);
  readonly #result = find('result', HTMLElement);
  readonly #digest = find('digest', HTMLElement);
  readonly #copy = new CopyButton(find('copy', HTMLButtonElement), this.#digest);
  readonly #earlier = find('earlier', HTMLElement);
  readonly #earlierList = find('earlier-list', HTMLElement);

  #phase: State['phase'] | null = null;
  #figuresAt = 0;
  #takesDrops = false;
  #settings = DEFAULTS;
  #shown: Digest | null = null;
  #earlierShown: readonly Digest[] = [];

  get settings(): Settings {
    return this.#settings;
  }

  /** settings changes the format of all digests, including those on show. */
  set settings(settings: Settings) {
    this.#settings = settings;
    this.uppercase.setAttribute('aria-pressed', String(settings.uppercase));
    if (this.#shown !== null) {
      write(this.#digest, this.#shown.sha256, settings);
    }
    this.earlier = this.#earlierShown;
  }

  /** takesDrops is whether an idle window invites the user to drop a file. */
  set takesDrops(takes: boolean) {
    this.#takesDrops = takes;
    document.body.classList.toggle('takes-drops', takes);
    if (this.#phase === 'idle') {
      this.#invite();
    }
  }

  set hover(over: boolean) {
    document.body.classList.toggle('hovered', over);
  }

  /** render shows `state`; `now` is in milliseconds. */
  render(state: State, meter: Meter, now: number): void {
    if (state.phase !== this.#phase) {
      this.#enter(state);
    }
    switch (state.phase) {
      case 'idle':
        this.#invite();
        break;
      case 'running':
        this.#showProgress(state, meter, now);
        break;
      case 'done':
        this.#showDigest(state);
        break;
      case 'error':
        this.#error.textContent = state.problem.message;
        this.#advice.textContent = state.problem.advice;
        break;
      case 'cancelled':
        this.#showCancelled(state);
        break;
    }
    // Last, because tests wait for it and then read the rest.
    document.body.dataset['state'] = state.phase;
  }

  /** earlier lists the digests before the one on show. */
  set earlier(digests: readonly Digest[]) {
    this.#earlierShown = digests;
    this.#earlier.hidden = digests.length === 0;
    this.#earlierList.replaceChildren(...digests.map((digest) => row(digest, this.#settings)));
  }

  /** lock disables a page that runs outside the application. */
  lock(): void {
    this.#notice.hidden = false;
    document.body.classList.add('locked');
    const opening = [this.processButton, this.pictureButton, this.settingsButton];
    for (const control of [this.path, this.choose, this.#hash, ...opening]) {
      control.disabled = true;
    }
  }

  #enter(state: State): void {
    const running = state.phase === 'running';
    const focused = document.activeElement;
    this.#phase = state.phase;
    this.#copy.reset();
    this.#figuresAt = Number.NEGATIVE_INFINITY;

    this.#status.textContent = '';
    this.#error.textContent = '';
    this.#advice.textContent = '';
    this.#percent.textContent = '';
    this.#digest.textContent = '';
    this.#shown = null;
    this.#meter.hidden = !running && state.phase !== 'done';
    this.#result.hidden = state.phase !== 'done';

    this.#hash.hidden = running;
    this.cancel.hidden = !running;
    this.cancel.disabled = false;
    this.choose.disabled = running;
    this.path.readOnly = running;

    const blamed = state.phase === 'error' && state.problem.about === 'path';
    if (blamed) {
      this.path.setAttribute('aria-invalid', 'true');
      this.path.setAttribute('aria-describedby', 'error advice');
    } else {
      this.path.removeAttribute('aria-invalid');
      this.path.setAttribute('aria-describedby', 'hint');
    }
    this.#moveFocus(focused, running, blamed);
  }

  /** #moveFocus moves the focus from a control that has disappeared to its successor. */
  #moveFocus(focused: Element | null, running: boolean, blamed: boolean): void {
    const lost = focused === this.#hash || focused === this.cancel || focused === this.choose;
    if (!lost) {
      return;
    }
    if (running) {
      this.cancel.focus();
    } else if (blamed) {
      this.path.focus();
    } else if (focused === this.cancel) {
      this.#hash.focus();
    }
  }

  #invite(): void {
    say(this.#status, this.#takesDrops ? 'Drop a file anywhere' : 'Ready for a file');
    say(
      this.#advice,
      this.#takesDrops
        ? 'or type its path and press Enter'
        : 'Type its path and press Enter, or choose it',
    );
  }

  #showProgress(state: Phase<'running'>, meter: Meter, now: number): void {
    const name = baseName(state.path);
    say(this.#status, headline(state, name));
    this.cancel.disabled = state.cancelling;
    this.#timeName.textContent = 'Time left';
    this.#rateName.textContent = 'Rate';
    this.#amountName.textContent = 'Read';
    if (state.total === null) {
      this.#setBar(null, 'Opening the file');
      this.#setFigures(UNKNOWN, UNKNOWN, UNKNOWN);
      return;
    }
    const done = Math.min(state.done, state.total);
    const amount = `${formatBytes(state.done)} of ${formatBytes(state.total)}`;
    this.#setBar(state.total > 0 ? done / state.total : 1);
    if (now - this.#figuresAt < FIGURES_EVERY) {
      return;
    }
    this.#figuresAt = now;
    say(this.#percent, formatPercent(done, state.total));
    this.#setValue(percent(done, state.total), amount);
    this.#setFigures(amount, formatRate(meter.rate), formatTimeLeft(meter.timeLeft(state.total)));
  }

  #showDigest({ digest, resized }: Phase<'done'>): void {
    const size = formatBytes(digest.bytes);
    say(this.#status, `Hashed ${baseName(digest.path)}`);
    say(this.#advice, remark(digest.bytes, resized));
    say(this.#percent, '');
    this.#setBar(1);
    this.#setValue(100, `${size}, finished`);
    this.#timeName.textContent = 'Time';
    this.#rateName.textContent = 'Average rate';
    this.#amountName.textContent = 'Size';
    this.#setFigures(
      size,
      digest.seconds > 0 && digest.bytes > 0 ? formatRate(digest.bytes / digest.seconds) : UNKNOWN,
      formatDuration(digest.seconds),
    );
    this.#shown = digest;
    write(this.#digest, digest.sha256, this.#settings);
  }

  #showCancelled({ path, done, total }: Phase<'cancelled'>): void {
    say(this.#status, `Cancelled ${baseName(path)}`);
    say(
      this.#advice,
      total === null
        ? 'Nothing was read. Press Enter to start over.'
        : `${formatBytes(done)} of ${formatBytes(total)} were read. Press Enter to start over.`,
    );
  }

  /** #setBar shows a share, 0 to 1, or null if it is not known yet. */
  #setBar(share: number | null, text?: string): void {
    this.#progress.classList.toggle('waiting', share === null);
    this.#progress.style.setProperty('--share', String(share ?? 0));
    if (share === null) {
      this.#progress.removeAttribute('aria-valuenow');
      this.#progress.setAttribute('aria-valuetext', text ?? '');
    }
  }

  #setValue(value: number, text: string): void {
    this.#progress.setAttribute('aria-valuenow', String(value));
    this.#progress.setAttribute('aria-valuetext', text);
  }

  #setFigures(amount: string, rate: string, time: string): void {
    say(this.#amount, amount);
    say(this.#rate, rate);
    say(this.#time, time);
  }
}

function headline(state: Phase<'running'>, name: string): string {
  if (state.cancelling) {
    return `Cancelling ${name}…`;
  }
  return state.total === null ? `Opening ${name}…` : `Hashing ${name}…`;
}

function remark(bytes: number, resized: boolean): string {
  if (resized) {
    return 'The file changed its size while it was being read.';
  }
  return bytes === 0 ? 'The file is empty: this is the digest of no bytes.' : '';
}

/** say sets a text only if it has changed, so that a live region does not repeat itself. */
function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
