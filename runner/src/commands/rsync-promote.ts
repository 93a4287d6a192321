import { type Command, writeCommand } from './command.js';
import { folderForRsync, type RsyncRoute } from './rsync.js';

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
  const far = `${folderForRsync(source)}/`;
  return {
    ...writeCommand(
      'rsync',
      '-lpt',
      '--omit-dir-times',
      '--sparse',
      '--from0',
      '--files-from=-',
      `--temp-dir=${folderForRsync(unfinished)}`,
      '-s',
      '--timeout=300',
      ...(route.remoteShell === undefined ? [] : ['-e', route.remoteShell]),
      '--',
      route.remote === '' ? far : `${route.remote}:${far}`,
      `${folderForRsync(target)}/`,
    ),
    environment: { LC_ALL: 'C' },
  };
}
