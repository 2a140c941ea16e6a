import { Channel } from '@casement/api/core';
import { commands } from './bindings.gen.js';

/** Drops is what the drop zone needs to know and to tell. */
export interface Drops {
  /** accepts says whether a file dropped now would be taken. */
  accepts(): boolean;
  /** hover is told when a file comes over the window and when it leaves. */
  hover(over: boolean): void;
  /** dropped receives what lies in the window's hands now; never an empty list. */
  dropped(paths: readonly [string, ...string[]]): void;
}

/**
 * watch makes the whole window a drop zone. The page shows the hovering only: browsers keep
 * paths from pages, so Go sends them. It rejects where the window can't take files.
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
  // The last element entered is left last, when the pointer leaves the window.
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
