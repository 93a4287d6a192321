import { Option } from 'commander';

/** Options that several commands have. */
export const runOption = (about: string): Option => new Option('--run <id>', about);
export const dryRunOption = (about = 'show what would happen and change nothing'): Option =>
  new Option('--dry-run', about);
export const ALLOW_DELETIONS = new Option(
  '--allow-deletions',
  'delete more files than content.maxDeletePercent this time',
);
export const KEEP_LOCK = new Option(
  '--keep-lock',
  'when the sync is complete, leave staging locked for understudy update',
);
export const YES = new Option('-y, --yes', 'do not ask on a terminal');

/** What every command takes. */
export const globalOptions = (environment: NodeJS.ProcessEnv): Option[] => [
  new Option('--sites <folder>', 'folder with the site files').default(
    environment['UNDERSTUDY_SITES'] ?? 'sites',
  ),
  new Option('--workspace <folder>', 'folder for events and reports').default(
    environment['UNDERSTUDY_WORKSPACE'] ?? '.understudy',
  ),
  new Option('--json', 'the answer as one JSON document on stdout; what people read goes to stderr'),
  new Option('-q, --quiet', 'warnings, errors and the answer alone'),
  new Option('-v, --verbose', 'more: full commands, notes without weight'),
  new Option('--no-color', 'no colours; so does NO_COLOR=1'),
];
