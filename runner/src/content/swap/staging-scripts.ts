import { shellScript } from '../../commands/command.js';
import { type ContentEnds, type ContentWatch, type SwapEnds } from '../content-ends.js';
import { several, UnderstudyError } from '../../errors/index.js';
import { generationFolder, inventoryFile, runFolder } from './file-swap.js';
import { decodeName, encodeName, showName } from '../rsync/parse-rsync.js';
import {
  DELETE_LISTED,
  PREPARE_INCOMING,
  PRUNE_INCOMING,
} from '../../commands/scripts/content/generations.js';
import { planSwap } from '../../commands/scripts/content/plan-swap.js';
import { twoScripts } from '../../commands/scripts/content/script.js';

/** What staging has for a sync. */
export interface IncomingState {
  /** Files of an earlier attempt of this run, to copy from. */
  readonly previous: boolean;
  /** The list of what earlier syncs brought. */
  readonly inventory: boolean;
  /** Undefined: not known. */
  readonly freeBytes: number | undefined;
}

/** Before the comparison: an empty `incoming`, and nothing of an attempt that was cut off. */
export async function prepareIncoming(ends: ContentEnds): Promise<IncomingState> {
  const { folders } = ends;
  const answer = await runOnStaging(ends, 'preparing the incoming folder', PREPARE_INCOMING, [
    folders.live,
    runFolder(folders),
    generationFolder(folders),
    inventoryFile(folders),
  ]);
  return parseIncomingState(answer.toString());
}

/** Answer of PREPARE_INCOMING. */
function parseIncomingState(text: string): IncomingState {
  const free = /^free (\d+)$/m.exec(text)?.[1];
  return {
    previous: /^previous$/m.test(text),
    inventory: /^inventory$/m.test(text),
    freeBytes: free === undefined ? undefined : Number(free) * 1024,
  };
}

/** After the transfer: what it was built from beside `incoming` is needed no more. */
export async function pruneIncoming(ends: ContentEnds): Promise<void> {
  await runOnStaging(ends, 'removing what the transfer needed', PRUNE_INCOMING, [runFolder(ends.folders)]);
}

/** Deletes in the live tree, at once, what {@link planTheSwap} listed. */
export async function deleteListed(ends: ContentEnds): Promise<void> {
  const { folders } = ends;
  const lists = `${runFolder(folders)}/content`;
  await runOnStaging(ends, 'deleting files', DELETE_LISTED, [folders.live, lists]);
}

/** Writes down what a cutover will do (scripts/plan-swap.ts). */
export async function planTheSwap(ends: SwapEnds, watch: Pick<ContentWatch, 'warn'>): Promise<void> {
  const { staging, folders } = ends;
  const command = twoScripts(
    'write',
    planSwap,
    [folders.live, runFolder(folders)],
    ends.interpreter ?? 'auto',
  );
  const { stdout } = await staging.run(command, {
    label: 'noting which files change places',
    timeoutSeconds: ends.timeoutSeconds,
    signal: ends.signal,
  });
  const words = stdout.toString('latin1').split('\0');
  await assertNothingOwnIsReplaced(ends, conflictsIn(words));
  const unowned = Number(words[words.indexOf('owner') + 1]);
  if (unowned > 0)
    watch.warn({
      severity: 'warning',
      code: 'CONTENT_OWNER',
      message: `${several(unowned, 'new file')} could not get the owner or group of the files beside them.`,
      host: staging.label,
    });
}

/** Names and values alternate. */
const conflictsIn = (words: readonly string[]): readonly string[] =>
  words.filter((_, index) => index % 2 === 1 && words[index - 1] === 'conflict');

/** $1 list of what staging has of its own; folders in that form on stdin, one a line. Prints one file below each. */
const OWN_BELOW = `LC_ALL=C awk -v list="$1" '{ folder[$0 "/"] = 1 }
  END { while ((getline name < list) > 0) { if (name ~ /\\/$/) continue; at = ""; rest = name
    while ((cut = index(rest, "/")) > 0) { at = at substr(rest, 1, cut); rest = substr(rest, cut + 1)
      if (at in folder && rest != "") { print name; delete folder[at] } } } }'`;

/**
 * Production has a link or a file where staging has a folder: what no sync brought would go with the folder.
 * @throws CONTENT_CONFLICT
 */
async function assertNothingOwnIsReplaced(
  { staging, folders, signal }: SwapEnds,
  conflicts: readonly string[],
): Promise<void> {
  if (conflicts.length === 0) return;
  const list = `${runFolder(folders)}/content/kept.list`;
  const { stdout } = await staging.run(shellScript('read', OWN_BELOW, [list]), {
    stdin: conflicts.map((path) => `${encodeName(Buffer.from(path, 'latin1'))}\n`).join(''),
    label: 'looking for files of staging in folders that would be replaced',
    signal,
  });
  const own = stdout.toString('latin1').split('\n').filter(Boolean);
  if (own.length === 0) return;
  throw new UnderstudyError('CONTENT_CONFLICT', undefined, {
    host: staging.label,
    details: own.map((name) => showName(decodeName(name))),
  });
}

async function runOnStaging(
  ends: ContentEnds,
  label: string,
  text: string,
  args: readonly string[],
): Promise<Buffer> {
  const { stdout } = await ends.staging.run(shellScript('write', text, args), {
    label,
    timeoutSeconds: ends.timeoutSeconds,
    signal: ends.signal,
  });
  return stdout;
}
