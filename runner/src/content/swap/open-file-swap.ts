import { type StagingContext, stagingWorkDir } from '../../run/site-context.js';
import { applyFileSwap, type SwapFolders, undoFileSwap } from './file-swap.js';

export const swapFolders = (context: Pick<StagingContext, 'site' | 'run'>, runId: string): SwapFolders => ({
  live: context.site.staging.path,
  workDir: stagingWorkDir(context),
  runId,
});

/**
 * The file half of the cutover of run `runId`, for cutover/. Both directions may be repeated, and each may follow the
 * other. Neither does anything where that run has no files to swap. `finishFileSwap` is called once the cutover stays.
 */
export async function openFileSwap(
  context: StagingContext,
  runId: string,
): Promise<{ apply(): Promise<void>; undo(): Promise<void> }> {
  const staging = await context.hosts.staging();
  const folders = swapFolders(context, runId);
  return {
    apply: async () => {
      await applyFileSwap(staging, folders);
    },
    undo: async () => {
      await undoFileSwap(staging, folders);
    },
  };
}
