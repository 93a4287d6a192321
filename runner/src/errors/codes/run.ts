import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const runCodes = defineCodes({
  LOCKED: {
    exit: EXIT.locked,
    title: 'Another run works on this site.',
    next: 'Wait until it has ended.',
  },
  INTERNAL: {
    exit: EXIT.bug,
    title: 'Understudy met a situation that it should not have.',
    next: 'Please report it with the lines above.',
  },
  PREFLIGHT_FAILED: {
    exit: EXIT.preflight,
    title: 'The run cannot start.',
    next: 'Mend what is listed above and start again; nothing was changed.',
  },
});
