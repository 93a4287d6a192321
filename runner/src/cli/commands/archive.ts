import { dryRunOption, runOption } from '../options.js';
import { Option } from 'commander';
import { siteCommand } from '../site-command.js';

/** `understudy archive <site>`: the promoted tree into the archive's folder (EFS). */
export const archiveCommand = siteCommand({
  name: 'archive',
  group: 'Maintenance',
  summary: 'carry the promoted tree from staging into the archive (EFS), and prove it there',
  options: [
    runOption('maintenance run; default: the newest that was promoted'),
    new Option(
      '--allow-deletions',
      'let this run delete more files of the archive than content.maxDeletePercent',
    ),
    dryRunOption(),
  ],
  examples: [
    { words: 'archive acme --dry-run', about: 'which files would change in the archive' },
    { words: 'archive acme', about: 'archive what the last promotion brought to production' },
  ],
  work: async (session, { parameters }) =>
    (await import('../../pipelines/maintenance/archive.js')).archiveSite(session, parameters),
});
