import { Call, Events, JSONStream, Stream } from '@wailsio/runtime';
import { run } from '../../../frontend/bench/peer.js';

type Base64 = typeof Uint8Array & { fromBase64(text: string): Uint8Array<ArrayBuffer> };

void run({
  echo: (value) => Call.ByName('main.Bench.Echo', value),
  up: (data) =>
    Call.ByName('main.Bench.Up', (data as Uint8Array & { toBase64(): string }).toBase64()),
  down: async (size) => (Uint8Array as Base64).fromBase64(await Call.ByName('main.Bench.Down', size)),
  listen: (handler) => Promise.resolve(Events.On('bench', handler)),
  emit: (count) => Call.ByName('main.Bench.Emit', count),
  stream(count, size) {
    return new Promise((resolve, reject) => {
      let came = 0;
      const take = (): void => {
        if (++came === count) {
          socket.close();
          resolve();
        }
      };
      const order = JSON.stringify({ count, size: size ?? 0 });
      const socket = size === undefined ? JSONStream('values') : Stream('bytes');
      socket.onmessage = take;
      socket.onerror = () => reject(new Error('the stream has failed'));
      if ('binaryType' in socket) socket.binaryType = 'arraybuffer';
      const begin = (): void => {
        if (size === undefined) (socket as ReturnType<typeof JSONStream>).send(JSON.parse(order));
        else (socket as WebSocket).send(order);
      };
      if (socket.readyState === 1) begin();
      else socket.onopen = begin;
    });
  },
  row: () => Call.ByName('main.Bench.Row'),
  report: (line) => Call.ByName('main.Bench.Report', line),
  heard: (round) => Call.ByName('main.Bench.Heard', round),
});
