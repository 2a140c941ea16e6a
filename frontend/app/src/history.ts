import type { Digest } from './bindings.gen.js';

/** KEPT is how many digests a window of the usual size has room for, the one on show included. */
const KEPT = 3;

/** remember puts `digest` first; what was known of the same file before is forgotten. */
export function remember(history: readonly Digest[], digest: Digest): readonly Digest[] {
  return [digest, ...history.filter((known) => known.path !== digest.path)].slice(0, KEPT);
}
