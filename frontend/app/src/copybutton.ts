import { copy } from './clipboard.js';

/** CONFIRM_FOR is how long a button confirms a copy, in milliseconds. */
const CONFIRM_FOR = 1800;

/** CopyButton copies the text of an element and confirms it for a moment. */
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
    this.#timer = setTimeout(() => this.reset(), CONFIRM_FOR);
  }
}
