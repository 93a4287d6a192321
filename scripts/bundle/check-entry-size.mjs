// Every command pays for what its process loads at the start, and a build starts ten of them.
import path from 'node:path';

/** The command line itself has 120 KB. The YAML reader and the check of site files have 450. */
const MOST_BYTES = 200_000;

/**
 * @param {import('esbuild').Metafile} metafile of a build with splitting
 * @param {string} entry name of the chunk that starts
 * @throws {Error} when a command file imports its work instead of asking for it when it runs
 */
export function checkEntrySize({ outputs }, entry) {
  const first = Object.keys(outputs).filter((file) => path.basename(file) === entry);
  const loaded = new Set(first);
  // A set gives what is added while it is gone through.
  for (const file of loaded)
    for (const { kind, path: imported } of outputs[file].imports)
      if (kind === 'import-statement' && imported in outputs) loaded.add(imported);
  const parts = [...loaded].flatMap((file) => Object.entries(outputs[file].inputs));
  const bytes = parts.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  if (first.length === 1 && bytes <= MOST_BYTES) return;
  const largest = parts.sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput).slice(0, 5);
  throw new Error(
    `every start would load ${bytes} bytes, more than ${MOST_BYTES}; the largest are ` +
      `${largest.map(([file]) => file).join(', ')}. Let the command file import its work when it runs.`,
  );
}
