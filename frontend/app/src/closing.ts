import { getCurrentWindow } from '@casement/api/window';

/** closesByKeyboard makes Ctrl W close the window. */
export function closesByKeyboard(): void {
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key === 'w') {
      event.preventDefault();
      void getCurrentWindow().close();
    }
  });
}
