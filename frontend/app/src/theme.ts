import { events, type Theme } from './bindings.gen.js';

/** wear sets the page's theme, which the style sheets select. */
export function wear(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset['theme'];
  } else {
    document.documentElement.dataset['theme'] = theme;
  }
}

/** followTheme sets the present theme, and each later one. */
export async function followTheme(): Promise<void> {
  await events.themeChanged.listen(({ payload }) => wear(payload));
}
