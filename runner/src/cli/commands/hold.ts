import { Option } from 'commander';
import { UnderstudyError } from '../../errors/index.js';
import type { Session } from '../../pipelines/session/session.js';
import { describeHolder } from '../../run/holder.js';
import { takeLock } from '../../run/lock.js';
import { assertRunId } from '../../run/run-id.js';
import { type FlagValues } from '../parameters-of.js';
import { siteCommand } from '../site-command.js';

/** What the person who is asked reads: until when, and what was tested. */
async function describeApproval(
  session: Session,
  run: string,
  hours: number,
): Promise<{ readonly summary: string; readonly lines: readonly string[] }> {
  const { approvalOf } = await import('../../jenkins/build-context.js');
  const { findMaintenance } = await import('../../maintenance/maintenance-store.js');
  const { approvalLines } = await import('../../maintenance/report/verdict.js');
  const minutes = Math.min(approvalOf(session.site).minutes, hours * 60);
  const { localTime } = await import('../../report/page/local-time.js');
  const until = localTime(new Date(Date.now() + minutes * 60_000));
  const { refreshMaintenanceReport } = await import('../../maintenance/report/maintenance-report.js');
  const maintenance = await findMaintenance(session, run);
  // The page that the person reads, on whatever agent.
  if (maintenance !== undefined) await refreshMaintenanceReport(maintenance, session.site);
  return {
    summary: `Run ${run} waits for approval until ${until}; staging of ${session.site.name} is frozen.`,
    lines: maintenance === undefined ? [] : approvalLines(maintenance.record()),
  };
}

interface HoldFlags extends FlagValues {
  readonly run: string;
  readonly hours: string;
  readonly byPolicy?: true;
}

/** `understudy hold <site> --run <id>`: keeps staging as it is while a person decides. */
export const holdCommand = siteCommand<HoldFlags>({
  name: 'hold',
  group: 'Jenkins',
  summary: 'keep staging locked while an approval is awaited',
  options: [
    new Option('--run <id>', 'the run that waits for the approval').makeOptionMandatory(),
    new Option('--hours <number>', 'how long the approval may take').default('72'),
    new Option('--by-policy', 'the policy of the site lets the updates through: no person is asked'),
  ],
  examples: [
    {
      words: 'hold acme --run 20261121T201500Z-3f9a1c --hours 24',
      about: 'nobody may sync over it for a day',
    },
  ],
  before: ({ flags }) => {
    assertRunId(flags.run);
    hoursOf(flags);
  },
  work: async (session, { flags }) => {
    const { run } = flags;
    const hours = hoursOf(flags);
    await takeLock(
      session.lock,
      { run, phase: 'awaiting-approval', ...describeHolder(process.env) },
      hours * 3600,
    );
    const summary = await describeApproval(session, run, hours);
    for (const line of [summary.summary, ...summary.lines]) session.console.line(line);
    if (flags.byPolicy !== true) {
      const { reportApproval } = await import('../../pipelines/runs/notices.js');
      await reportApproval(session, run, [...summary.lines.slice(0, 1), summary.summary]);
    }
    return { run, ...summary };
  },
});

function hoursOf({ hours }: HoldFlags): number {
  const number = Number(hours);
  if (number > 0 && number <= 24 * 31) return number;
  throw new UnderstudyError('USAGE', '--hours must be between 1 and 744.');
}
