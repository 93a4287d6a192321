import { shellScript } from '../commands/command.js';
import { type ContentEnds, type ContentWatch, type SwapEnds } from './content-ends.js';
import { generationFolder, inventoryFile, runFolder } from './file-swap.js';
import { DELETE_LISTED, PREPARE_INCOMING, TIDY_INCOMING } from './scripts/generations.js';
import { planSwap } from './scripts/plan-swap.js';
import { twoScripts } from './scripts/script.js';

/** What staging has for a sync. */
export interface Room {
  /** Files of an earlier attempt of this run, to copy from. */
  readonly previous: boolean;
  /** The list of what earlier syncs brought. */
  readonly inventory: boolean;
  /** Undefined: not known. */
  readonly freeBytes: number | undefined;
}

/** Before the comparison: an empty `incoming`, and nothing of an attempt that was cut off. */
export async function makeRoom(ends: ContentEnds): Promise<Room> {
  const { folders } = ends;
  const answer = await runOnStaging(ends, 'making room for the files', PREPARE_INCOMING, [
    folders.live,
    runFolder(folders),
    generationFolder(folders),
    inventoryFile(folders),
  ]);
  return parseRoom(answer.toString());
}

/** Answer of PREPARE_INCOMING. */
function parseRoom(text: string): Room {
  const free = /^free (\d+)$/m.exec(text)?.[1];
  return {
    previous: /^previous$/m.test(text),
    inventory: /^inventory$/m.test(text),
    freeBytes: free === undefined ? undefined : Number(free) * 1024,
  };
}

/** After the transfer: what it was built from beside `incoming` is needed no more. */
export async function tidyIncoming(ends: ContentEnds): Promise<void> {
  await runOnStaging(ends, 'tidying up', TIDY_INCOMING, [runFolder(ends.folders)]);
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
    describe: 'noting which files change places',
    timeoutSeconds: ends.timeoutSeconds,
    signal: ends.signal,
  });
  const words = stdout.toString().split('\0');
  const strangers = Number(words[words.indexOf('owner') + 1]);
  if (strangers > 0)
    watch.warn({
      severity: 'warning',
      code: 'CONTENT_OWNER',
      message: `${String(strangers)} new files could not get the owner or group that their neighbours have.`,
      host: staging.label,
    });
}

async function runOnStaging(
  ends: ContentEnds,
  describe: string,
  text: string,
  args: readonly string[],
): Promise<Buffer> {
  const { stdout } = await ends.staging.run(shellScript('write', text, args), {
    describe,
    timeoutSeconds: ends.timeoutSeconds,
    signal: ends.signal,
  });
  return stdout;
}
