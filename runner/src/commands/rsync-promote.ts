import { type Command, writeCommand } from './command.js';
import { type RsyncRoute } from './rsync.js';

export interface PullFiles {
  readonly route: RsyncRoute;
  /** Absolute folder on staging, at the far end of the route. */
  readonly source: string;
  /** Absolute folder on the production host that runs rsync. */
  readonly target: string;
  /** Where files lie until they are whole; on the disk of `target`. */
  readonly unfinished: string;
}

/**
 * Fetches the entries that stdin names (each ended by NUL) into an empty folder. Links as links, modes, times; never
 * owners, devices or anything that stdin does not name. A name that is missing at the far end is an error.
 */
export function pullFiles({ route, source, target, unfinished }: PullFiles): Command<'write'> {
  const far = `${absolute(source)}/`;
  return {
    ...writeCommand(
      'rsync',
      '-lpt',
      '--omit-dir-times',
      '--sparse',
      '--from0',
      '--files-from=-',
      `--temp-dir=${absolute(unfinished)}`,
      '-s',
      '--timeout=300',
      ...(route.remoteShell === undefined ? [] : ['-e', route.remoteShell]),
      '--',
      route.remote === '' ? far : `${route.remote}:${far}`,
      `${absolute(target)}/`,
    ),
    environment: { LC_ALL: 'C' },
  };
}

function absolute(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  if (!trimmed.startsWith('/') || trimmed.split('/').some((part) => part === '..' || part === '.'))
    throw new TypeError(`not a folder that rsync may work in: ${JSON.stringify(path)}`);
  return trimmed;
}
