import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Bytes between two clearings. Measured: with 1 to 4 MB a tunnel costs half the processor time that it costs with 8 MB
 * and more, or without clearing; probably because the memory is still in the processor's cache when it is used again.
 */
const EVERY_BYTES = 2 * 1024 * 1024;

let passed = 0;
let collect: (() => void) | undefined;

/**
 * Told of bytes that were passed on and that nobody needs any more. V8 clears up when its own heap has grown; a Buffer
 * lies outside of it, so a fast stream leaves tens of megabytes of them behind, which the C library then keeps.
 */
export function clearAfter(bytes: number): void {
  passed += bytes;
  if (passed < EVERY_BYTES) return;
  passed = 0;
  collect ??= youngCollection();
  collect();
}

/** V8 gives its collector to contexts that are made while the flag is set. */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('globalThis.gc') as ((options: { type: 'minor' }) => void) | undefined;
  setFlagsFromString('--no-expose-gc');
  return () => gc?.({ type: 'minor' });
}
