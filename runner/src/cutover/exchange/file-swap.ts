import { type StagingContext } from '../../run/site-context.js';

/** Which files a cutover moves: those that the sync of `run` staged, forwards or back again. */
export interface FileStep {
  readonly run: string;
  readonly direction: 'apply' | 'undo';
}

/** The file half of a cutover. Both directions may be repeated after a kill, and each is the other's reverse. */
export interface FileSwap {
  /** Puts the run's files in place; what they replace or delete goes to `retired/<run>`. */
  apply(): Promise<void>;
  undo(): Promise<void>;
}

/** Opens the file half for a run; undefined when that run changed no files (or put them in place at once). */
export type OpenFileSwap = (context: StagingContext, run: string) => Promise<FileSwap | undefined>;

export const reversed = (step: FileStep): FileStep => ({
  run: step.run,
  direction: step.direction === 'apply' ? 'undo' : 'apply',
});

/** Takes a step, or the reverse of it. */
export async function takeFileStep(
  open: OpenFileSwap,
  context: StagingContext,
  step: FileStep | undefined,
): Promise<void> {
  if (step === undefined) return;
  const swap = await open(context, step.run);
  await (step.direction === 'apply' ? swap?.apply() : swap?.undo());
}
