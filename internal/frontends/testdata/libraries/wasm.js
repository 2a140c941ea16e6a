import inline from './add.wasm?url&inline';
import file from './add.wasm?url&no-inline';

// wasm returns what a module computes: as a file, and from a data: URL, which Vite makes of small ones.
export async function wasm() {
  const ofFile = await WebAssembly.instantiateStreaming(fetch(file));
  const ofText = await WebAssembly.instantiate(await (await fetch(inline)).arrayBuffer());
  return [new URL(file, location.href).protocol === location.protocol, inline.startsWith('data:')].concat(
    [ofFile, ofText].map(({ instance }) => instance.exports.add(20, 22)),
  );
}
