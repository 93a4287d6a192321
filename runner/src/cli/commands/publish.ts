import { Option } from 'commander';
import { dryRunOption, runOption } from '../options.js';
import { type FlagValues } from '../parameters-of.js';
import { siteCommand } from '../site-command.js';

interface PublishFlags extends FlagValues {
  readonly overwrite?: boolean;
}

/** `understudy publish <site>`: commits the archived tree and pushes it. */
export const publishCommand = siteCommand<PublishFlags>({
  name: 'publish',
  group: 'Maintenance',
  summary: 'commit the archived tree, with the versions that changed as message, and push it to GitHub',
  options: [
    runOption('maintenance run; default: the newest that was promoted'),
    new Option(
      '--overwrite',
      'undo, with a commit on top, code that others committed and that production does not have',
    ),
    dryRunOption('look and scan, but commit and push nothing'),
  ],
  examples: [
    { words: 'publish acme --dry-run', about: 'what would be committed, and whether secrets are in it' },
    { words: 'publish acme', about: 'commit and push what the last promotion brought to production' },
  ],
  work: async (session, { parameters, flags }) =>
    (await import('../../pipelines/maintenance/publish-site.js')).publishSite(session, {
      ...parameters,
      overwrite: flags.overwrite === true,
    }),
});

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
