import { isCasement } from '@casement/api/core';
import { getCurrentWindow } from '@casement/api/window';
import { events } from './bindings.gen.js';
import { closesByKeyboard } from './closing.js';
import { everyFigure, FlowView } from './flowview.js';
import { formatBytes } from './format.js';
import { Gate } from './gate.js';
import { LinesView } from './linesview.js';
import { Process } from './process.js';
import { ProcessView, titleOf } from './processview.js';
import { followTheme } from './theme.js';
import { Title } from './title.js';

/** AHEAD is how many bytes Go may be ahead: outputAhead in cmd/app/process.go. */
const AHEAD = 1 << 20;

const gate = new Gate();
const process = new Process(gate, changed);
const view = new ProcessView();
const linesView = new LinesView(process.lines);
const flowView = new FlowView(
  gate,
  AHEAD,
  {
    idle: 'No process is running.',
    flowing: 'The page shows the output as it comes.',
    paused: 'Paused. Go reads until the stream is full.',
    held: 'The stream is full. Go waits for the page, and the process for Go.',
  },
  figures,
);
const title = new Title((text) => getCurrentWindow().setTitle(text));

let lines = process.lines;
let run = process.run;

view.render(run);
figures();
if (isCasement()) {
  listen();
  view.command.focus();
  everyFigure(figures);
  await followTheme();
  await events.ready.emit();
} else {
  view.lock();
}

/** changed draws output once per frame, and the state of the process at once. */
function changed(): void {
  if (lines !== process.lines) {
    lines = process.lines;
    linesView.lines = lines;
  }
  linesView.update();
  if (run !== process.run) {
    run = process.run;
    linesView.render();
    figures();
    view.render(run);
    title.show(titleOf(run));
  }
}

function figures(): void {
  const { flow, gauge, running } = process;
  // A gauge is up to 200 ms late. Go has read at least what the page has consumed.
  const read = Math.max(gauge.bytes, flow.bytes);
  flowView.render(flow, gauge, [formatBytes(read), gauge.bytes], running);
}

function listen(): void {
  view.form.addEventListener('submit', (event) => {
    event.preventDefault();
    void process.start(view.command.value);
  });
  view.stop.addEventListener('click', () => process.stop());
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && process.running) {
      event.preventDefault();
      process.stop();
    }
  });
  closesByKeyboard();
}
