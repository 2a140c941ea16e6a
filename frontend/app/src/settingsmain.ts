import { isCasement } from '@casement/api/core';
import { getCurrentWindow } from '@casement/api/window';
import { commands, events, type Recent, type Settings } from './bindings.gen.js';
import { EventLog } from './eventlog.js';
import { read } from './form.js';
import { LogView } from './logview.js';
import { SettingsView } from './settingsview.js';
import { tabs } from './tabs.js';
import { tap } from './tap.js';
import { followTheme } from './theme.js';

const view = new SettingsView();
const log = new EventLog();
const logView = new LogView(log);

/** updated is whether an event has brought the settings. Those that were loaded may be older. */
let updated = false;

view.show();
if (isCasement()) {
  tabs(view.tabs, () => logView.reveal());
  react();
  try {
    // The log comes first, so that it misses none of the events below.
    await tap((event) => {
      log.add(event);
      logView.update();
    });
    await Promise.all([
      followTheme(),
      events.settingsUpdate.listen(({ payload }) => update(payload)),
      events.recentUpdate.listen(({ payload }) => list(payload ?? [])),
    ]);
    await events.ready.emit();
    await load();
  } catch (reason) {
    complain(reason);
  }
} else {
  view.lock();
}
document.body.dataset['state'] = 'ready';

function update(settings: Settings): void {
  updated = true;
  view.show(settings);
}

function list(files: readonly Recent[]): void {
  view.showRecent(files, ({ path }) => void attempt(commands.openRecent({ path })));
}

async function load(): Promise<void> {
  const { settings, file, problem } = await commands.loadSettings();
  view.file = file;
  if (problem !== '') {
    view.problem = `The defaults are in force: ${problem}`;
  }
  if (!updated) {
    view.show(settings);
  }
}

function react(): void {
  view.form.addEventListener('submit', (event) => event.preventDefault());
  view.form.addEventListener('change', (event) => {
    if (event.target instanceof HTMLInputElement) {
      void attempt(commands.saveSettings(read(event.target)));
    }
  });
  view.clearRecent.addEventListener('click', () => void attempt(commands.clearRecent()));
  document.addEventListener('keydown', (event) => {
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (event.key === 'Escape' || (command && event.key === 'w')) {
      event.preventDefault();
      void attempt(getCurrentWindow().close());
    }
  });
}

/** attempt waits for a command. If it fails, nothing has changed, so the controls are reset. */
async function attempt(command: Promise<unknown>): Promise<void> {
  try {
    await command;
    view.problem = '';
  } catch (reason) {
    complain(reason);
    view.show();
  }
}

function complain(reason: unknown): void {
  const text = reason instanceof Error ? reason.message : String(reason);
  view.problem = text.charAt(0).toUpperCase() + text.slice(1);
}
