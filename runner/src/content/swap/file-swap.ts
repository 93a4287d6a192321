import { linesIn } from '../../basics/lines.js';
import { type Command, shellScript } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import { type WritingHost } from '../../hosts/host.js';
import { applySwap } from '../../commands/scripts/content/apply-swap.js';
import { BEGIN_SWAP, BEGIN_UNDO, END_UNDO, FINISH_SWAP } from '../../commands/scripts/content/generations.js';
import { type Interpreter, type TwoScripts, twoScripts } from '../../commands/scripts/content/script.js';
import { undoSwap } from '../../commands/scripts/content/undo-swap.js';

/** Where the two trees of a run lie; all absolute, without a slash at the end. */
export interface SwapFolders {
  readonly live: string;
  /** `<staging.workDir>` */
  readonly workDir: string;
  readonly runId: string;
}

export interface SwapOptions {
  readonly interpreter?: Interpreter;
  readonly signal?: AbortSignal;
}

export const runFolder = ({ workDir, runId }: SwapFolders): string => `${workDir}/runs/${runId}`;
export const generationFolder = ({ workDir, runId }: SwapFolders): string => `${workDir}/retired/${runId}`;
/** What the syncs brought, one name a line (commands/scripts/content/record-lists.ts). */
export const inventoryFile = ({ workDir }: Pick<SwapFolders, 'workDir'>): string => `${workDir}/inventory`;

/**
 * Puts the staged files in place and moves what they replace or delete to `retired/<run>/files`. May be killed at any
 * point and called again, or be undone from there.
 * @returns false when the run has no staged files (`content.apply: immediate`, or stage 1 did not come to its end).
 */
export async function applyFileSwap(
  staging: WritingHost,
  folders: SwapFolders,
  options: SwapOptions = {},
): Promise<boolean> {
  const started = await run(
    staging,
    shellScript('write', BEGIN_SWAP, [runFolder(folders), generationFolder(folders)]),
    'noting which files change places',
    options,
    [0, 3],
  );
  if (started === 3) return false;
  await runTwo(staging, folders, applySwap, 'putting the files in place', options);
  return true;
}

/**
 * Puts the former files back, from any point, also after `finishFileSwap`; the new ones are in `incoming` again, so
 * that `applyFileSwap` can follow. Does nothing where nothing of this run is in place.
 * @returns whether there was something to undo
 */
export async function undoFileSwap(
  staging: WritingHost,
  folders: SwapFolders,
  options: SwapOptions = {},
): Promise<boolean> {
  const generation = generationFolder(folders);
  const begin = shellScript('write', BEGIN_UNDO, [generation, runFolder(folders)]);
  if ((await run(staging, begin, 'looking for the generation', options, [0, 3])) === 3) return false;
  await runTwo(staging, folders, undoSwap, 'putting the former files back', options);
  const end = shellScript('write', END_UNDO, [generation, inventoryFile(folders)]);
  await run(staging, end, 'noting that the former files are back', options);
  return true;
}

/**
 * After a cutover that stays: writes the inventory, removes what is left of `incoming` and all but the newest
 * `keepGenerations` generations of replaced files. May be repeated.
 */
export async function finishFileSwap(
  staging: WritingHost,
  folders: SwapFolders,
  keepGenerations: number,
  options: SwapOptions = {},
): Promise<void> {
  const paths = [runFolder(folders), generationFolder(folders), inventoryFile(folders)];
  const script = shellScript('write', FINISH_SWAP, [...paths, String(keepGenerations)]);
  await run(staging, script, 'removing old generations of files', options);
}

/** Run ids whose replaced files are kept, newest first. */
export async function listFileGenerations(staging: WritingHost, workDir: string): Promise<readonly string[]> {
  const list = shellScript(
    'read',
    'cd "$1/retired" 2>/dev/null || exit 0; for g in */plan; do [ -d "$g" ] && [ ! -e "${g%/plan}/undone" ] && echo "${g%/plan}"; done; :',
    [workDir],
  );
  const { stdout } = await staging.run(list);
  return linesIn(stdout).sort().reverse();
}

const runTwo = (
  staging: WritingHost,
  folders: SwapFolders,
  texts: TwoScripts,
  label: string,
  options: SwapOptions,
): Promise<number> => {
  const args = [folders.live, `${runFolder(folders)}/incoming`, generationFolder(folders)];
  return run(staging, twoScripts('write', texts, args, options.interpreter ?? 'auto'), label, options);
};

async function run(
  staging: WritingHost,
  command: Command,
  label: string,
  options: SwapOptions,
  allowedExitCodes: readonly number[] = [0],
): Promise<number> {
  const { code, stderr } = await staging.run(command, {
    label,
    allowedExitCodes: 'any',
    timeoutSeconds: 3600,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (allowedExitCodes.includes(code)) return code;
  throw new UnderstudyError('FILE_SWAP_FAILED', `Failed while ${label} (exit code ${String(code)}).`, {
    host: staging.label,
    command: label,
    stderr,
  });
}
