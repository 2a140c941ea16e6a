import type { Settings } from './bindings.gen.js';

/** read returns the setting of a control of the settings form. */
export function read(input: HTMLInputElement): Partial<Settings> {
  switch (input.name) {
    case 'theme':
      return { theme: input.value as Settings['theme'] };
    case 'group':
      return { group: Number(input.value) };
    case 'reports':
      return { reports: Number(input.value) };
    case 'uppercase':
      return { uppercase: input.checked };
    case 'keepHistory':
      return { keepHistory: input.checked };
    default:
      return {};
  }
}

/** fill sets the controls of the settings form to `settings`. */
export function fill(form: HTMLFormElement, settings: Settings): void {
  for (const input of form.querySelectorAll('input')) {
    const value = settings[input.name as keyof Settings];
    input.checked = input.type === 'radio' ? input.value === String(value) : value === true;
  }
}
