import { Channel, invoke } from '@casement/api/core';
import { listen } from '@casement/api/event';
import { run } from './peer.js';

void run({
  echo: (value) => invoke('echo', { value }),
  echoInline: (value) => invoke('echo_inline', { value }),
  up: (data) => invoke('up', data),
  down: (size) => invoke('down', { size }),
  listen: (handler) => listen('bench', handler),
  emit: (count) => invoke('emit', { count }),
  async stream(count, size) {
    let came = 0;
    const out = new Channel<unknown>(() => {
      came++;
    });
    await invoke(size === undefined ? 'stream' : 'stream_bytes', { out, count, size: size ?? 0 });
    await out.closed;
    if (came !== count) throw new Error(`${came} of ${count} messages came`);
  },
  row: () => invoke('row'),
  report: (line) => invoke('report', { line }),
  heard: (round) => invoke('heard', { round }),
});
