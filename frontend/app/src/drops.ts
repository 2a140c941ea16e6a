import { Channel } from '@casement/api/core';
import { commands } from './bindings.gen.js';

/** Drops connects the drop zone to the rest of the page. */
export interface Drops {
  /** accepts reports whether the page would hash a file that is dropped now. */
  accepts(): boolean;
  /** hover is called when a file enters the window and when it leaves. */
  hover(over: boolean): void;
  /** dropped is called with the paths of dropped files, at least one. */
  dropped(paths: readonly [string, ...string[]]): void;
}

/**
 * watch makes the whole window a drop zone. Webviews hide paths from pages, so Go sends them, and
 * the page only shows that a file hovers. It rejects if the window does not accept files.
 */
export async function watch(drops: Drops): Promise<void> {
  const channel = new Channel<string[] | null>(
    (paths) => {
      const [first, ...rest] = paths ?? [];
      drops.hover(false);
      if (first !== undefined && drops.accepts()) {
        drops.dropped([first, ...rest]);
      }
    },
    { keepAlive: true },
  );
  // The pointer leaves the window when it leaves the last element that it entered.
  let entered: EventTarget | null = null;
  const leave = (): void => {
    entered = null;
    drops.hover(false);
  };
  document.addEventListener('dragenter', (event) => {
    entered = event.target;
    if (carriesFiles(event)) {
      event.preventDefault();
      drops.hover(drops.accepts());
    }
  });
  document.addEventListener('dragover', (event) => {
    if (carriesFiles(event)) {
      event.preventDefault();
      if (event.dataTransfer !== null) {
        event.dataTransfer.dropEffect = drops.accepts() ? 'copy' : 'none';
      }
    }
  });
  document.addEventListener('dragleave', (event) => {
    if (event.target === entered) {
      leave();
    }
  });
  document.addEventListener('drop', (event) => {
    if (carriesFiles(event)) {
      event.preventDefault();
    }
    leave();
  });
  await commands.watchDrops({ onDrop: channel });
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
