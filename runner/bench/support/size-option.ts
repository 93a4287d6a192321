import { parseArgs } from 'node:util';
import { sizeUnits, type Size } from '../../../sandbox/content/generate.js';

/** `--size small|medium|large|huge` of a benchmark; default medium. */
export function sizeOption(): Size {
  const { values } = parseArgs({ options: { size: { type: 'string', default: 'medium' } } });
  if (values.size in sizeUnits) return values.size as Size;
  throw new Error(`--size is one of ${Object.keys(sizeUnits).join(', ')}`);
}
