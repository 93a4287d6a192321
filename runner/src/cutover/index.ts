export { cutover } from './cutover.js';
export { recover, recoverIfNeeded, type Recovery } from './recover-cutover.js';
export { rollback } from './cutover.js';
