import type { Recent, Settings } from './bindings.gen.js';
import { write } from './digits.js';
import { find } from './find.js';
import { fill } from './form.js';
import { recentRow } from './recent.js';
import { DEFAULTS } from './settings.js';

/** SAMPLE is the digest of an empty file. */
const SAMPLE = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** SettingsView shows the settings in the elements of the settings window. */
export class SettingsView {
  readonly form = find('settings', HTMLFormElement);
  readonly tabs = find('tabs', HTMLElement);
  readonly clearRecent = find('recent-clear', HTMLButtonElement);

  readonly #notice = find('notice', HTMLElement);
  readonly #problem = find('problem', HTMLElement);
  readonly #sample = find('sample', HTMLElement);
  readonly #file = find('file', HTMLElement);
  readonly #recent = find('recent-list', HTMLElement);
  readonly #recentEmpty = find('recent-empty', HTMLElement);
  readonly #recentHint = find('recent-hint', HTMLElement);

  #settings = DEFAULTS;

  /** show shows the settings, by default those that it has shown last. */
  show(settings: Settings = this.#settings): void {
    this.#settings = settings;
    fill(this.form, settings);
    write(this.#sample, SAMPLE, settings);
    this.#recentHint.textContent = settings.keepHistory
      ? 'Files that you hash appear here.'
      : 'The history is off.';
  }

  /** file shows the path of the settings file. */
  set file(path: string) {
    this.#file.textContent =
      path === ''
        ? 'Changes last until the app ends.'
        : `Changes apply at once and are saved in ${path}`;
  }

  /** problem shows an error. An empty text hides it. */
  set problem(text: string) {
    this.#problem.hidden = text === '';
    this.#problem.textContent = text;
  }

  /**
   * showRecent lists the files that were hashed, and calls `open` with the one that the user
   * chooses.
   */
  showRecent(files: readonly Recent[], open: (file: Recent) => void): void {
    const now = Date.now();
    const focused = this.#recent.contains(document.activeElement);
    this.#recent.replaceChildren(...files.map((file) => recentRow(file, now, () => open(file))));
    this.#recent.hidden = files.length === 0;
    this.#recentEmpty.hidden = files.length > 0;
    this.clearRecent.disabled = files.length === 0;
    if (focused) {
      // The file that was opened is now the first.
      (this.#recent.querySelector('button') ?? this.tabs.querySelector('button'))?.focus();
    }
  }

  /** lock disables a page that runs outside the application. */
  lock(): void {
    this.#notice.hidden = false;
    document.body.classList.add('locked');
    for (const control of document.querySelectorAll<HTMLInputElement | HTMLButtonElement>(
      'input, button',
    )) {
      control.disabled = true;
    }
  }
}
