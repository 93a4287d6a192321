import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { shellScript, type ProductionCommand } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import {
  type CommandResult,
  type ProductionHost,
  type ReadingHost,
  type RunOptions,
  type WritingHost,
} from '../host.js';
import { commandText } from '../process/run-command.js';
import { shareTransport } from '../process/transport.js';

/**
 * Makes the work folder, checks that each of the targets really lies in it as far as it exists, and becomes the command.
 * The work folder must be a real folder of our own that nobody else may enter. $1 mark, $2 work folder, then the
 * targets, `--`, and the command, if there is one. A refusal ends with 41 and begins with the mark.
 */
const CHECK_SCRIPT = `mark=$1 work=$2
shift 2
refuse() { echo "$mark $1" >&2; exit 41; }
made=$( (umask 077 && mkdir -p -- "$work") 2>&1) || refuse "$made"
[ ! -L "$work" ] || refuse "$work is a symbolic link"
[ -O "$work" ] || refuse "$work belongs to another account"
chmod 700 -- "$work" || exit 1
real=$(cd -P -- "$work" && pwd -P) || exit 1
while [ "$1" != -- ]; do
  target=$1 found=$1
  shift
  while [ ! -e "$found" ] && [ ! -L "$found" ]; do found=\${found%/*}; done
  if [ -d "$found" ]; then there=$(cd -P -- "$found" && pwd -P) || exit 1
  else
    [ ! -L "$found" ] || refuse "$found is a symbolic link"
    there=$(cd -P -- "\${found%/*}" && pwd -P)/\${found##*/}
  fi
  case $there/ in "$real"/*) ;; *) refuse "$target leads to $there" ;; esac
done
shift
[ "$#" = 0 ] || exec "$@"`;

/** What was found to lie in the work folder, per connection. */
const checkedTargets = new WeakMap<ReadingHost, Set<string>>();

/**
 * Production in a sync: reads, and the three verbs limited to `workDir`. The type forbids other commands;
 * this forbids them at run time too, for what reaches it through a cast or a mistake.
 * @param workDir absolute, without `..`
 * @param other a connection to the same machine with the same work folder: what it has checked is not checked again
 */
export function restrictToReading(
  host: WritingHost,
  workDir: string,
  other?: ProductionHost,
): ProductionHost {
  const checked = (other && checkedTargets.get(other)) ?? new Set<string>();
  const production: ProductionHost = {
    side: 'production',
    label: host.label,
    workDir,
    run: async (command, options: RunOptions = {}) => {
      const targets = writtenFolders(host.label, workDir, command, options).filter(
        (target) => !checked.has(target),
      );
      if (targets.length === 0) return host.run(command, options);
      // The job's file is written before the command begins, so its place is looked at before that.
      const together = options.job === undefined;
      const result = await runChecked(host, workDir, targets, command, together ? options : undefined);
      for (const target of targets) checked.add(target);
      return together ? result : host.run(command, options);
    },
    openStream: (target) => host.openStream(target),
    identity: () => host.identity(),
    close: () => host.close(),
  };
  checkedTargets.set(production, checked);
  return shareTransport(production, host);
}

/** The folders that this run writes to: the verb's own, and the one with the job's pid file. */
function writtenFolders(
  label: string,
  workDir: string,
  command: ProductionCommand,
  options: RunOptions,
): string[] {
  const folders: string[] = [];
  switch (command.effect) {
    case 'read':
      break;
    case 'create-backup':
    case 'remove-own-backup':
    case 'own-file':
      if (command.writesTo === undefined) throw refused(label, command, 'it does not say where it writes');
      folders.push(command.writesTo);
      break;
    default:
      throw refused(label, command, `its effect is ${String((command as { effect: string }).effect)}`);
  }
  if (options.job) folders.push(options.job.folder);
  for (const folder of folders)
    if (!isInside(workDir, folder)) throw refused(label, command, `${folder} is not inside ${workDir}`);
  return folders;
}

/** By spelling alone: absolute, no `.` or `..` parts, the folder itself or below it. */
export function isInside(folder: string, candidate: string): boolean {
  const plain = (text: string): boolean => path.posix.isAbsolute(text) && path.posix.normalize(text) === text;
  return plain(folder) && plain(candidate) && (candidate === folder || candidate.startsWith(`${folder}/`));
}

/**
 * Checks the targets and runs the command in one go: each would cost a round trip. A target that is refused is asked for
 * again next time: somebody may have fixed it.
 * @param options of the command; undefined: only check
 */
async function runChecked(
  host: WritingHost,
  workDir: string,
  targets: readonly string[],
  command: ProductionCommand,
  options: RunOptions | undefined,
): Promise<CommandResult> {
  const mark = `refused-${randomBytes(9).toString('hex')}`;
  const words = options === undefined ? [] : command.argv;
  const script = shellScript('own-file', CHECK_SCRIPT, [mark, workDir, ...targets, '--', ...words], workDir);
  const refuseMarked = (stderr: string | undefined): void => {
    const line = stderr?.split('\n').find((each) => each.startsWith(`${mark} `));
    if (line !== undefined) throw refused(host.label, command, line.slice(mark.length + 1));
  };
  try {
    const result = await host.run(
      { ...script, environment: command.environment },
      { label: commandText(command), ...(options ?? { label: `check the work folder ${workDir}` }) },
    );
    if (result.code === 41) refuseMarked(result.stderr);
    return result;
  } catch (error) {
    if (error instanceof UnderstudyError && error.code === 'COMMAND_FAILED') refuseMarked(error.stderr);
    throw error;
  }
}

const refused = (label: string, command: ProductionCommand, why: string): UnderstudyError =>
  new UnderstudyError('PRODUCTION_WRITE_REFUSED', `A command that writes was refused on ${label}: ${why}.`, {
    host: label,
    command: commandText(command),
  });
