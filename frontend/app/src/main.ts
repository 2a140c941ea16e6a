import { isCasement } from '@casement/api/core';
import { getCurrentWindow } from '@casement/api/window';
import { commands, events } from './bindings.gen.js';
import { watch } from './drops.js';
import { Hasher } from './hasher.js';
import { followTheme } from './theme.js';
import { Title, titleOf } from './title.js';
import { View } from './view.js';

const view = new View();
const hasher = new Hasher(changed);
const title = new Title((text) => getCurrentWindow().setTitle(text));

let frame: number | null = null;
let choosing = false;

render();
if (isCasement()) {
  listen();
  view.path.focus();
  await Promise.allSettled([fillIn(), watchForDrops(), follow()]);
} else {
  view.lock();
}

function render(): void {
  view.render(hasher.state, hasher.meter, performance.now());
  if (isCasement()) {
    title.show(titleOf(hasher.state));
  }
}

/** changed draws progress once per frame, and all else at once: a hidden window has no frames. */
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
  view.processButton.addEventListener('click', () => void run(commands.openProcess()));
  view.pictureButton.addEventListener('click', () => void run(commands.openPicture()));
  view.settingsButton.addEventListener('click', () => void run(commands.openSettings()));
  view.uppercase.addEventListener('click', () => {
    void run(commands.saveSettings({ uppercase: !view.settings.uppercase }));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && hasher.running) {
      event.preventDefault();
      hasher.cancel();
    } else if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      shortcut(event);
    }
  });
}

function shortcut(event: KeyboardEvent): void {
  if (event.key === 'o') {
    event.preventDefault();
    void choose();
  } else if (event.key === ',') {
    event.preventDefault();
    void run(commands.openSettings());
  }
}

/** follow applies events from the settings window and from Go. */
async function follow(): Promise<void> {
  await Promise.all([
    followTheme(),
    events.settingsUpdate.listen(({ payload: settings }) => {
      view.settings = settings;
      hasher.keepsHistory = settings.keepHistory;
    }),
    events.openFile.listen(({ payload }) => open(payload)),
  ]);
  await events.ready.emit();
}

/** run waits for a command that is not about the file, and shows its error in the file's place. */
async function run(command: Promise<unknown>): Promise<void> {
  try {
    await command;
  } catch (reason) {
    hasher.refuse(reason);
  }
}

function open(path: string): void {
  if (!hasher.running) {
    take(path);
    void hasher.start(path);
  }
}

function typed(): string {
  return view.path.value;
}

function take(path: string): void {
  view.path.value = path;
  // Show the end of the path, which names the file.
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
    const path = await commands.pickFile();
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
  const { path } = await commands.startup();
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
      dropped: ([path]) => open(path),
    });
  } catch (reason) {
    view.takesDrops = false;
    throw reason;
  }
}
