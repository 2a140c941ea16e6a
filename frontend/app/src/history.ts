import type { Digest } from './bindings.gen.js';

/** KEPT is how many digests fit into a window of the default size, with the one on show. */
const KEPT = 3;

/** remember adds `digest` at the front and removes an earlier digest of the same file. */
export function remember(history: readonly Digest[], digest: Digest): readonly Digest[] {
  return [digest, ...history.filter((known) => known.path !== digest.path)].slice(0, KEPT);
}
