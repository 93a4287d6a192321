import { defineCodes } from '../catalogue-entry.js';
import { EXIT } from '../exit-codes.js';

export const contentCodes = defineCodes({
  CONTENT_SYNC_FAILED: {
    exit: EXIT.stageFailed,
    title: 'Copying the files to staging failed.',
    next: 'Read the last lines above; the live tree was not touched. Start the build again.',
  },
  TOO_MANY_DELETIONS: {
    exit: EXIT.stageFailed,
    title: 'The sync would delete more of staging than the site file allows.',
    next: 'Check production.path; if the deletions are right, raise content.maxDeletePercent for this run.',
  },
});
