import path from 'node:path';
import { shellScript, type ProductionCommand } from '../commands/command.js';
import { UnderstudyError } from '../errors/index.js';
import { type ProductionHost, type RunOptions, type WritingHost } from './host.js';
import { commandText } from './run-command.js';
import { shareTransport } from './transport-registry.js';

/**
 * Makes the work folder and prints the real path of what is to be written to, as far as it exists.
 * The work folder must be a real folder of our own that nobody else may enter.
 */
const CHECK_SCRIPT = `umask 077
work=$1 target=$2
mkdir -p -- "$work" || exit 1
[ ! -L "$work" ] || { echo "$work is a symbolic link" >&2; exit 41; }
[ -O "$work" ] || { echo "$work belongs to another account" >&2; exit 41; }
chmod 700 -- "$work" || exit 1
real=$(cd -P -- "$work" && pwd -P) || exit 1
while [ ! -e "$target" ] && [ ! -L "$target" ]; do target=\${target%/*}; done
if [ -d "$target" ]; then there=$(cd -P -- "$target" && pwd -P) || exit 1
else
  [ ! -L "$target" ] || { echo "$target is a symbolic link" >&2; exit 41; }
  there=$(cd -P -- "\${target%/*}" && pwd -P)/\${target##*/}
fi
case $there/ in "$real"/*) ;; *) echo "$target leads to $there" >&2; exit 41 ;; esac`;

/**
 * Production in a sync: reads, and the three verbs limited to `workDir`. The type forbids other commands;
 * this forbids them at run time too, for what reaches it through a cast or a mistake.
 * @param workDir absolute, without `..`
 */
export function restrictToReading(host: WritingHost, workDir: string): ProductionHost {
  const checked = new Map<string, Promise<void>>();
  const check = (target: string, command: ProductionCommand, signal?: AbortSignal): Promise<void> => {
    const known = checked.get(target) ?? checkOnHost(host, workDir, target, command, signal);
    checked.set(target, known);
    // A refusal is asked for again next time: somebody may have mended it.
    known.catch(() => checked.delete(target));
    return known;
  };
  const production: ProductionHost = {
    side: 'production',
    label: host.label,
    workDir,
    run: async (command, options: RunOptions = {}) => {
      for (const target of writtenFolders(host.label, workDir, command, options))
        await check(target, command, options.signal);
      return host.run(command, options);
    },
    openStream: (target) => host.openStream(target),
    identity: () => host.identity(),
    close: () => host.close(),
  };
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
    case 'known-hosts':
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

async function checkOnHost(
  host: WritingHost,
  workDir: string,
  target: string,
  command: ProductionCommand,
  signal: AbortSignal | undefined,
): Promise<void> {
  const script = shellScript('known-hosts', CHECK_SCRIPT, [workDir, target], workDir);
  const result = await host.run(script, {
    okCodes: [0, 41],
    describe: `check the work folder ${workDir}`,
    ...(signal ? { signal } : {}),
  });
  if (result.code === 41) throw refused(host.label, command, result.stderr.trim());
}

const refused = (label: string, command: ProductionCommand, why: string): UnderstudyError =>
  new UnderstudyError('PRODUCTION_WRITE_REFUSED', `A command that writes was refused on ${label}: ${why}.`, {
    host: label,
    command: commandText(command),
  });
