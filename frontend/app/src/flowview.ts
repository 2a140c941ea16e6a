import type { Gauge } from './bindings.gen.js';
import { find } from './find.js';
import type { Flow } from './flow.js';
import { formatBytes, formatCount, formatRate } from './format.js';
import type { Gate } from './gate.js';

/**
 * FIGURES_EVERY is the time between updates of figures, in milliseconds: long enough to read them.
 */
const FIGURES_EVERY = 200;

/** Pace is the state of a stream. `held` means that Go waits because the page consumes nothing. */
export type Pace = 'idle' | 'flowing' | 'paused' | 'held';

/** paceOf returns the pace of a stream by the latest gauge from Go. */
export function paceOf(live: boolean, paused: boolean, gauge: Gauge): Pace {
  if (!live) {
    return 'idle';
  }
  if (gauge.held) {
    return 'held';
  }
  return paused ? 'paused' : 'flowing';
}

/** FlowView shows the rate of a stream and how far Go is ahead, with a button that pauses it. */
export class FlowView {
  readonly #texts: Readonly<Record<Pace, string>>;
  readonly #gate: Gate;
  readonly #full: number;
  readonly #pause = find('pause', HTMLButtonElement);
  readonly #state = find('flow-state', HTMLElement);
  readonly #bar = find('ahead-bar', HTMLElement);
  readonly #messageRate = find('message-rate', HTMLElement);
  readonly #messages = find('messages', HTMLElement);
  readonly #byteRate = find('byte-rate', HTMLElement);
  readonly #bytes = find('bytes', HTMLElement);
  readonly #made = find('made', HTMLDataElement);
  readonly #ahead = find('ahead', HTMLElement);
  #gauge: Gauge | null = null;

  /** `full` is how many bytes Go may be ahead, about; `texts` describes each pace. */
  constructor(
    gate: Gate,
    full: number,
    texts: Readonly<Record<Pace, string>>,
    onpause: () => void,
  ) {
    this.#gate = gate;
    this.#full = full;
    this.#texts = texts;
    this.#pause.addEventListener('click', () => {
      gate.shut = !gate.shut;
      onpause();
    });
  }

  /**
   * render shows the state of the stream. `made` is what Go has produced, as a text and, from
   * `gauge`, as a number. `live` is whether more may come.
   */
  render(flow: Flow, gauge: Gauge, made: readonly [string, number], live: boolean): void {
    const now = performance.now();
    const pace = paceOf(live, this.#gate.shut, gauge);
    const rate = flow.measure(now);
    const ahead = Math.max(0, gauge.bytes - flow.bytes);
    document.body.dataset['pace'] = pace;
    say(this.#state, this.#texts[pace]);
    this.#pause.disabled = !live;
    this.#pause.setAttribute('aria-pressed', String(this.#gate.shut));
    say(this.#pause, this.#gate.shut ? 'Resume' : 'Pause');
    this.#bar.style.setProperty(
      '--share',
      pace === 'held' ? '1' : String(Math.min(1, ahead / this.#full)),
    );
    say(this.#messageRate, `${formatCount(rate.messages)}/s`);
    const begun = flow.messages > 0 || gauge.bytes > 0;
    say(this.#messages, begun ? `${formatCount(flow.messages)} total` : '');
    say(this.#byteRate, formatRate(rate.bytes));
    say(this.#bytes, begun ? `${formatBytes(flow.bytes)} total` : '');
    say(this.#made, made[0]);
    if (gauge !== this.#gauge) {
      this.#gauge = gauge;
      this.#made.value = String(made[1]);
    }
    say(this.#ahead, begun ? lead(ahead) : '');
  }
}

function lead(ahead: number): string {
  return ahead === 0 ? 'none in transit' : `${formatBytes(ahead)} in transit`;
}

/** everyFigure calls `render` every FIGURES_EVERY. */
export function everyFigure(render: () => void): void {
  setInterval(render, FIGURES_EVERY);
}

/** say sets a text only if it has changed, so that a live region does not repeat itself. */
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
