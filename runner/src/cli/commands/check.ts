import { Option } from 'commander';
import { type FlagValues } from '../parameters-of.js';
import { siteCommand } from '../site-command.js';

interface CheckFlags extends FlagValues {
  readonly side: 'staging' | 'production';
}

/** `understudy check <site>`: does the site work? Changes nothing. */
export const checkCommand = siteCommand<CheckFlags>({
  name: 'check',
  group: 'To look',
  summary:
    'look at the pages of a site: status, time, PHP errors, texts, forms, missing files, console, pictures',
  options: [
    new Option('--side <side>', 'which one to look at').choices(['staging', 'production']).default('staging'),
  ],
  examples: [
    { words: 'check acme', about: 'the pages of staging, compared with its reference' },
    { words: 'check acme --side production', about: 'the same for production' },
  ],
  work: async (session, { flags }) =>
    (await import('../../pipelines/maintenance/check.js')).checkSite(session, flags.side),
});
