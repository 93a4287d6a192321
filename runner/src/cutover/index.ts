export { type CutoverContext } from './context.js';
export { cutover, type CutoverResult } from './cutover.js';
export { recover, recoverIfNeeded, type Recovery } from './recover.js';
export { rollback } from './rollback.js';
export { type CutoverTools } from './swap-generations.js';
