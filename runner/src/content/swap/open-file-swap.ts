import { type WritingHost } from '../../hosts/host.js';
import { applyFileSwap, type SwapFolders, undoFileSwap } from './file-swap.js';

/** What the file half of a cutover needs to know; the context of every stage is one. */
export interface FileSwapContext {
  readonly site: { readonly staging: { readonly path: string } };
  /** `<staging.workDir>/runs/<id>`, absolute */
  readonly run: { readonly stagingFolder: string };
  readonly hosts: { staging(): Promise<WritingHost> };
  readonly signal: AbortSignal;
}

export const swapFolders = (context: Pick<FileSwapContext, 'site' | 'run'>, runId: string): SwapFolders => ({
  live: context.site.staging.path,
  workDir: context.run.stagingFolder.split('/').slice(0, -2).join('/'),
  runId,
});

/**
 * The file half of the cutover of run `runId`, for cutover/. Both directions may be repeated, and each may follow the
 * other. Neither does anything where that run has no files to swap. `finishFileSwap` is called once the cutover stays.
 */
export async function openFileSwap(
  context: FileSwapContext,
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
