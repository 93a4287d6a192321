import { setTimeout as sleep } from 'node:timers/promises';
import { shellScript } from '../../commands/command.js';
import { type ProductionLimits } from '../../config/site.js';
import { type Finding, UnderstudyError } from '../../errors/index.js';
import { type ReadingHost } from '../../hosts/host.js';
import { wallClock } from '../../report/page/wall-clock.js';
import { type StageContext } from '../stage.js';

/** How long apart the load is looked at. */
const LOOK_MS = 15_000;

/** Whether a time of day, `HH:MM`, lies in hours whose end, where it is earlier than their begin, is on the next day. */
const isWithin = ({ from, to }: { readonly from: string; readonly to: string }, time: string): boolean =>
  from < to ? from <= time && time < to : from <= time || time < to;

/** Preflight of the stages that read production: outside of `production.limits.hours` none begins. */
export function hoursFindings({ site, dryRun }: StageContext, now = new Date()): readonly Finding[] {
  const { hours } = site.production.limits;
  if (hours === undefined) return [];
  const { time } = wallClock(now, hours.timezone);
  if (isWithin(hours, time)) return [];
  return [
    {
      // What a sync would find now is no fault of the set-up.
      severity: dryRun ? 'warning' : 'error',
      code: 'PRODUCTION_HOURS',
      message: `It is ${time} (${hours.timezone}); stages that read production begin from ${hours.from} to ${hours.to}.`,
    },
  ];
}

/** The three load averages, as the kernel or `uptime` tells them; busybox and others print a comma in some languages. */
const LOAD = `{ cat /proc/loadavg 2>/dev/null || LC_ALL=C uptime | sed 's/.*load average[s]*: *//'; } | tr -d ,`;

/** Of the last minute. @throws PRODUCTION_BUSY where the host does not tell it */
async function loadOf(host: ReadingHost): Promise<number> {
  const { stdout } = await host.run(shellScript('read', LOAD), { label: 'look at the load' });
  const load = Number.parseFloat(stdout.toString());
  if (Number.isFinite(load)) return load;
  throw new UnderstudyError('PRODUCTION_BUSY', `${host.label} does not say what its load is.`, {
    host: host.label,
    next: 'Remove production.limits.load from the site file, or make /proc/loadavg or uptime readable there.',
  });
}

/** Waits for the load of `production.limits.load`. @throws PRODUCTION_BUSY after `production.limits.wait` */
export async function waitForQuiet(
  {
    site,
    reporter,
    signal,
  }: Pick<StageContext, 'signal'> & {
    readonly site: { readonly production: { readonly limits: ProductionLimits } };
    readonly reporter: Pick<StageContext['reporter'], 'step'>;
  },
  host: ReadingHost,
  look = LOOK_MS,
): Promise<void> {
  const { load: most, waitSeconds } = site.production.limits;
  if (most === undefined) return;
  const deadline = performance.now() + waitSeconds * 1000;
  for (let isFirst = true; ; isFirst = false) {
    const load = await loadOf(host);
    if (load <= most) return;
    if (isFirst)
      reporter.step(
        `Waiting for ${host.label}: its load is ${String(load)}, at most ${String(most)} is allowed`,
      );
    if (performance.now() >= deadline)
      throw new UnderstudyError(
        'PRODUCTION_BUSY',
        `The load of ${host.label} was above ${String(most)} for ${String(Math.round(waitSeconds / 60))} minutes; it is ${String(load)}.`,
        { host: host.label },
      );
    await sleep(Math.min(look, Math.max(0, deadline - performance.now())), undefined, { signal });
  }
}
