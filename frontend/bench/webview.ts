import { run } from './peer.js';

/** The functions that the backend has bound with webview_go. Each returns a promise. */
interface Bound {
  echo(value: string): Promise<string>;
  emit(count: number): Promise<void>;
  row(): Promise<string>;
  report(line: string): Promise<void>;
}
const bound = globalThis as unknown as Bound & { heard: (value: string) => void };

let came: () => void = () => undefined;
bound.heard = () => came();

void run({
  echo: (value) => bound.echo(value),
  echoInline: (value) => bound.echo(value),
  listen(handler) {
    came = handler;
    return Promise.resolve(() => undefined);
  },
  emit: (count) => bound.emit(count),
  row: () => bound.row(),
  report: (line) => bound.report(line),
});
