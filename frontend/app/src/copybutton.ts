import { copy } from './clipboard.js';

/** SAID_FOR is how long a button says what it did, in milliseconds. */
const SAID_FOR = 1800;

/** CopyButton copies the text of an element and says for a moment that it did. */
export class CopyButton {
  readonly #label = document.createElement('span');
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(button: HTMLButtonElement, source: HTMLElement) {
    this.#label.setAttribute('aria-live', 'polite');
    this.reset();
    button.replaceChildren(this.#label);
    button.addEventListener('click', () => void this.#copy(source));
  }

  /** reset makes the button offer to copy again. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#label.textContent = 'Copy';
  }

  async #copy(source: HTMLElement): Promise<void> {
    const copied = await copy(source);
    this.reset();
    this.#label.textContent = copied ? 'Copied' : 'Not copied';
    this.#timer = setTimeout(() => this.reset(), SAID_FOR);
  }
}
