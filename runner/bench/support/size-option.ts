import { parseArgs } from 'node:util';
import { type Size } from '../../../sandbox/content/generate.js';

/** `--size small|medium|large` of a benchmark; default medium. */
export function sizeOption(): Size {
  const { values } = parseArgs({ options: { size: { type: 'string', default: 'medium' } } });
  if (values.size === 'small' || values.size === 'medium' || values.size === 'large') return values.size;
  throw new Error('--size is small, medium or large');
}
