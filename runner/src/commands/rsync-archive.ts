import { readCommand, type Command } from './command.js';
import { folderForRsync, type RsyncRoute } from './rsync.js';

export interface PullFiles {
  readonly route: RsyncRoute;
  /** Absolute path at the far end of the route (staging). */
  readonly source: string;
  /** Absolute path on the client (the archive host). */
  readonly target: string;
  /** Compare no times and sizes: send every named file. For files that differ and look the same. */
  readonly everything: boolean;
}

/**
 * The archive host takes the files that stdin names (relative, each ended by NUL) from staging. In place, file by file
 * by temporary file and rename: EFS takes a round trip for each file that is written, so a second tree beside the first
 * would cost what the whole site costs. Links are taken as links; owner, group and devices are not taken.
 */
export const pullFiles = ({ route, source, target, everything }: PullFiles): Command<'write'> => ({
  ...readCommand(
    'rsync',
    '-lpt',
    '--omit-dir-times',
    '--sparse',
    '--from0',
    '--files-from=-',
    '--whole-file',
    ...(everything ? ['--ignore-times'] : []),
    '--info=progress2',
    '--stats',
    '-s',
    '--no-h',
    '--timeout=300',
    ...(route.remoteShell === undefined ? [] : ['-e', route.remoteShell]),
    '--',
    `${route.remote === '' ? '' : `${route.remote}:`}${folderForRsync(source)}/`,
    `${folderForRsync(target)}/`,
  ),
  effect: 'write',
  environment: { LC_ALL: 'C' },
});
