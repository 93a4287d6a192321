import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const configCodes = defineCodes({
  CONFIG_INVALID: {
    exit: EXIT.usage,
    title: 'A site file cannot be used as it is.',
    next: 'Correct the lines named above; docs/site-file.md explains every key.',
  },
  USAGE: { exit: EXIT.usage, title: 'The command line cannot be understood.', next: 'Run understudy help.' },
});
