import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const databaseCodes = defineCodes({
  DATABASE_UNREACHABLE: {
    exit: EXIT.preflight,
    title: 'The database does not answer.',
    next: 'Run understudy doctor <site>; check host, port, user and password.',
  },
  DUMP_FAILED: {
    exit: EXIT.stageFailed,
    title: 'The backup of the production database failed.',
    next: 'Read the last lines above; nothing was changed on staging. Start the build again.',
  },
});
