import { events, type Theme } from './bindings.gen.js';

/** wear makes the page look like `theme`. The style sheets do the rest. */
export function wear(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset['theme'];
  } else {
    document.documentElement.dataset['theme'] = theme;
  }
}

/** followTheme wears the theme that is in force, and each that follows. */
export async function followTheme(): Promise<void> {
  await events.themeChanged.listen(({ payload }) => wear(payload));
}
