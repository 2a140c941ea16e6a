import { isCasement } from '@casement/api/core';
import { pickFile, startupFile } from './commands.js';
import { watch } from './drops.js';
import { Hasher } from './hasher.js';
import { View } from './view.js';

const view = new View();
const hasher = new Hasher(changed);

let frame: number | null = null;
let choosing = false;

render();
if (isCasement()) {
  listen();
  view.path.focus();
  await Promise.allSettled([fillIn(), watchForDrops()]);
} else {
  view.lock();
}

function render(): void {
  view.render(hasher.state, hasher.meter, performance.now());
}

/** Progress is drawn once a frame; everything else at once, for a hidden window has no frames. */
function changed(): void {
  if (!hasher.running || document.body.dataset['state'] !== 'running') {
    cancelFrame();
    view.earlier = hasher.earlier;
    render();
  } else {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      render();
    });
  }
}

function cancelFrame(): void {
  if (frame !== null) {
    cancelAnimationFrame(frame);
    frame = null;
  }
}

function listen(): void {
  view.form.addEventListener('submit', (event) => {
    event.preventDefault();
    void hasher.start(typed());
  });
  view.path.addEventListener('input', () => hasher.edited());
  view.cancel.addEventListener('click', () => hasher.cancel());
  view.choose.addEventListener('click', () => void choose());
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && hasher.running) {
      event.preventDefault();
      hasher.cancel();
    } else if (event.key === 'o' && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault();
      void choose();
    }
  });
}

function typed(): string {
  return view.path.value;
}

function take(path: string): void {
  view.path.value = path;
  // The end of a path says more than its beginning.
  view.path.setSelectionRange(path.length, path.length);
  view.path.scrollLeft = view.path.scrollWidth;
  hasher.edited();
}

async function choose(): Promise<void> {
  if (hasher.running || choosing) {
    return;
  }
  choosing = true;
  try {
    const path = await pickFile();
    if (path !== null && !hasher.running) {
      take(path);
      view.path.focus();
    }
  } catch (reason) {
    hasher.refuse(reason);
  } finally {
    choosing = false;
  }
}

async function fillIn(): Promise<void> {
  const path = await startupFile();
  if (path !== null && view.path.value === '') {
    take(path);
  }
}

async function watchForDrops(): Promise<void> {
  view.takesDrops = true;
  try {
    await watch({
      accepts: () => !hasher.running,
      hover: (over) => {
        view.hover = over;
      },
      dropped: ([path]) => {
        take(path);
        void hasher.start(path);
      },
    });
  } catch (reason) {
    view.takesDrops = false;
    throw reason;
  }
}
