import { font } from './font.js';
import { wasm } from './wasm.js';

// The test calls these. The large ones are chunks of their own.
window.libraries = {
  font,
  wasm,
  monaco: async () => (await import('./monaco.js')).diagnose(),
  pdf: async () => (await import('./pdf.js')).render(document.getElementById('paper')),
};
window.started = true;
