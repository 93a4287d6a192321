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
    (await import('../../pipelines/maintenance/publish.js')).publishSite(session, {
      ...parameters,
      overwrite: flags.overwrite === true,
    }),
});
