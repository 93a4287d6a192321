import { type Progress } from '../../run/progress.js';
import { formatBytes, formatCount, formatSeconds } from '../format.js';

export interface ProgressMeter {
  /** The line to show, or undefined when the last one is too recent. */
  update(progress: Progress): string | undefined;
}

/**
 * Thins progress out to one line per `everySeconds` and adds rate and time left.
 * The rate is that of the last ten seconds or so, because a dump of many small tables and one of a large one
 * have little to do with each other.
 */
export function createProgressMeter(
  everySeconds: number,
  now: () => number = () => performance.now() / 1000,
): ProgressMeter {
  let shown = Number.NEGATIVE_INFINITY;
  let samples: { readonly at: number; readonly done: number }[] = [];
  return {
    update(progress) {
      const at = now();
      const last = samples.at(-1);
      if (last !== undefined && progress.done < last.done) samples = [];
      samples.push({ at, done: progress.done });
      while (samples.length > 2 && at - (samples[0]?.at ?? at) > 10) samples.shift();
      if (at - shown < everySeconds) return undefined;
      shown = at;
      const first = samples[0];
      const span = first === undefined ? 0 : at - first.at;
      const rate = first === undefined || span <= 0 ? 0 : (progress.done - first.done) / span;
      return renderProgress(progress, rate);
    },
  };
}

/** @param rate units per second; 0 when unknown */
export function renderProgress(progress: Progress, rate: number): string {
  const amount = (value: number): string =>
    progress.unit === 'bytes' ? formatBytes(value) : `${formatCount(Math.round(value))} ${progress.unit}`;
  const parts: string[] = [];
  if (progress.total !== undefined && progress.total > 0) {
    const share = Math.min(100, Math.floor((progress.done / progress.total) * 100));
    parts.push(`${amount(progress.done)} of ${amount(progress.total)} (${String(share)} %)`);
  } else {
    parts.push(amount(progress.done));
  }
  if (rate > 0) {
    parts.push(`${amount(rate)}/s`);
    const left = progress.total === undefined ? 0 : progress.total - progress.done;
    if (left > 0) parts.push(`${formatSeconds(left / rate)} left`);
  }
  return parts.join(', ');
}
