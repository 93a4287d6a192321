import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const maintenanceCodes = defineCodes({
  CHECKS_FAILED: {
    exit: EXIT.verificationFailed,
    title: 'The site does not pass its checks.',
    next: 'Open the report; it shows each failed check with its evidence.',
  },
});
