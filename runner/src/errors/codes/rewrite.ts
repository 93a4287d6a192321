import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const rewriteCodes = defineCodes({
  REWRITE_PAIR_REFUSED: {
    exit: EXIT.usage,
    title: 'A replacement pair cannot be right.',
    next: 'Give whole URLs, host names or texts of at least four bytes.',
  },
  LEAK_FOUND: {
    exit: EXIT.stageFailed,
    title: 'Production URLs are left in the staging database.',
    next: 'Read the list of tables and columns; add a rewrite pair or an exception to the site file.',
  },
});
