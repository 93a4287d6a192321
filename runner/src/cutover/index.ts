export { type CutoverContext } from './context.js';
export { cutover } from './cutover.js';
export { recover, recoverIfNeeded, type Recovery } from './recover.js';
export { rollback } from './rollback.js';
