import { Channel, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { run } from '../../../frontend/bench/peer.js';

void run({
  echo: (value) => invoke('echo', { value }),
  // A command that is not async runs on the main thread.
  echoInline: (value) => invoke('echo', { value }),
  up: (data) => invoke('up', data),
  down: (size) => invoke('down', { size }),
  listen: (handler) => listen('bench', handler),
  emit: (count) => invoke('emit', { count }),
  stream(count, size) {
    return new Promise((resolve, reject) => {
      let came = 0;
      const out = new Channel<unknown>(() => {
        if (++came === count) resolve();
      });
      const command = size === undefined ? 'stream' : 'stream_bytes';
      invoke(command, { out, count, size }).catch(reject);
    });
  },
  row: () => invoke('row'),
  report: (line) => invoke('report', { line }),
  heard: (round) => invoke('heard', { round }),
});
