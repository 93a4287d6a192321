import { FIND_FINGERPRINTS } from './find-fingerprints.generated.js';
import { type Fingerprints } from './fingerprints.js';

export const BLOCK_BYTES = 1 << 18;

export interface FingerprintSearch {
  /** Where fingerprints may stand, relative to the start of the search; good until the next one. */
  readonly places: Int32Array;
  /** False where the block that was searched is known to have no control bytes. */
  hasControls(): boolean;
  /** Searches a block of `bytes` from `from` on. Returns how many {@link places} there are; some may be beyond the block. */
  find(bytes: Uint8Array, from: number, prints: Fingerprints): number;
}

/** Byte by byte, for processors without vectors and for a Node that was started without WebAssembly. */
export function searchByByte(): FingerprintSearch {
  const places = new Int32Array(BLOCK_BYTES);
  return {
    places,
    hasControls: () => true,
    find: (bytes, from, prints) => {
      const to = Math.min(bytes.length - prints.width + 1, from + BLOCK_BYTES);
      let count = 0;
      for (let at = from; at < to; at++) if (prints.mayStandAt(bytes, at)) places[count++] = at - from;
      return count;
    },
  };
}

/** What is used of it; Node's own types do not have it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Where find-fingerprints.wat has the text and the places: behind its tables, with room for what a vector reads ahead. */
const SEEN = 8352;
const TEXT = 0x4000;
const PLACES = TEXT + BLOCK_BYTES + 32;

/** Sixteen bytes at once. One memory for all: it takes 10 GB of addresses. @throws where there are no vectors */
export function searchByVector(): FingerprintSearch {
  const module = new WebAssembly.Module(Buffer.from(FIND_FINGERPRINTS, 'base64'));
  const { memory, find } = new WebAssembly.Instance(module).exports as {
    readonly memory: { readonly buffer: ArrayBuffer };
    readonly find: (from: number, to: number, out: number, mask: number) => number;
  };
  const machine = new Uint8Array(memory.buffer);
  const seen = new Int32Array(memory.buffer, SEEN, 1);
  let loaded: Fingerprints | undefined;
  return {
    places: new Int32Array(memory.buffer, PLACES, BLOCK_BYTES),
    hasControls: () => seen[0] !== 0,
    find: (bytes, from, prints) => {
      if (prints !== loaded) machine.set(prints.tables);
      loaded = prints;
      const rest = bytes.length - from;
      // The bytes behind a block belong to fingerprints that start in it.
      const isWhole = from === 0 && rest <= BLOCK_BYTES;
      machine.set(isWhole ? bytes : bytes.subarray(from, from + BLOCK_BYTES + prints.width), TEXT);
      return find(TEXT, TEXT + Math.min(rest, BLOCK_BYTES), PLACES, prints.mask);
    },
  };
}

let known: FingerprintSearch | undefined;

/** The faster search that this machine has. */
export function fastestSearch(): FingerprintSearch {
  try {
    known ??= searchByVector();
  } catch {
    known ??= searchByByte();
  }
  return known;
}
