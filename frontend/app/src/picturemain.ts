import { Channel, isCasement, Sink } from '@casement/api/core';
import { commands, events, type Gauge, type Point } from './bindings.gen.js';
import { closesByKeyboard } from './closing.js';
import { covering } from './covering.js';
import { find } from './find.js';
import { Flow, NOTHING } from './flow.js';
import { everyFigure, FlowView, say } from './flowview.js';
import { formatCount, formatFrames } from './format.js';
import { Gate } from './gate.js';
import { Painter } from './painter.js';
import { followTheme } from './theme.js';
import { Mosaic, readTile } from './tile.js';

const canvas = find('picture', HTMLCanvasElement);
const problem = find('problem', HTMLElement);
const frameRate = find('frame-rate', HTMLElement);
const frame = find('frame', HTMLElement);

/** AHEAD is how many bytes Go may be ahead: two frames, as framesAhead in cmd/app/picture.go. */
const AHEAD = 2 * canvas.width * canvas.height * 4;

const gate = new Gate();
const flow = new Flow(performance.now());
const frames = new Flow(performance.now());
const flowView = new FlowView(
  gate,
  AHEAD,
  {
    idle: 'No stream is running.',
    flowing: 'The page takes one frame per screen refresh.',
    paused: 'Paused. Go paints until the stream is full.',
    held: 'The stream is full. Go waits for the page.',
  },
  figures,
);

let live = false;
let gauge = NOTHING;

figures();
if (isCasement()) {
  closesByKeyboard();
  everyFigure(figures);
  await followTheme();
  await events.ready.emit();
  await watch();
} else {
  find('notice', HTMLElement).hidden = false;
  document.body.classList.add('locked');
  document.body.dataset['state'] = 'locked';
}

function figures(): void {
  // A gauge is up to 200 ms late. Go has painted at least what the page has consumed.
  const painted = Math.max(gauge.frames, frames.messages);
  flowView.render(flow, gauge, [`frame ${formatCount(painted)}`, gauge.frames], live);
  say(frameRate, formatFrames(frames.measure(performance.now()).messages));
  say(frame, `frame ${formatCount(frames.messages)}`);
}

/** watch shows the picture until there are no more frames. */
async function watch(): Promise<void> {
  const painter = new Painter(canvas);
  const mosaic = new Mosaic(canvas.width, canvas.height);
  const onTile = new Channel<ArrayBuffer>((message) =>
    gate.pass(() => {
      const tile = readTile(message);
      flow.add(message.byteLength);
      painter.put(tile);
      if (!mosaic.add(tile)) {
        return undefined;
      }
      painter.show();
      if (frames.messages === 0 && matchMedia('(prefers-reduced-motion: reduce)').matches) {
        gate.shut = true; // With reduced motion, the first frame stays until the user resumes.
        figures();
      }
      frames.add(0);
      document.body.dataset['state'] = 'live';
      // The tile is consumed when the screen has shown its frame, so Go paints one frame per
      // refresh, and none for a hidden window.
      return new Promise(requestAnimationFrame);
    }),
  );
  const onGauge = new Channel<Gauge>((latest) => {
    gauge = latest;
    figures();
  });
  const aim = new Sink<Point>();
  canvas.addEventListener('click', (event) => {
    const box = canvas.getBoundingClientRect();
    const point = covering(canvas, box, event.clientX - box.left, event.clientY - box.top);
    aim.write(point).catch(complain);
  });
  live = true;
  figures();
  try {
    await commands.drawPicture({
      width: canvas.width,
      height: canvas.height,
      onTile,
      onGauge,
      aim,
    });
  } catch (reason) {
    complain(reason);
  } finally {
    live = false;
    figures();
  }
}

function complain(reason: unknown): void {
  problem.textContent = reason instanceof Error ? reason.message : String(reason);
  problem.hidden = false;
}
