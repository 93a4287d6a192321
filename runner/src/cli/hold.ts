import { Command } from 'commander';
import { UnderstudyError } from '../errors/index.js';
import type { Session } from '../pipelines/session.js';
import { describeHolder } from '../run/holder.js';
import { takeLock } from '../run/lock.js';
import { assertRunId } from '../run/run-id.js';
import { readParameters, withSession } from './with-session.js';

/** What the person who is asked reads: until when, and what was tested. */
async function describeApproval(
  session: Session,
  run: string,
  hours: number,
): Promise<{ readonly summary: string; readonly lines: readonly string[] }> {
  const { approvalOf } = await import('../jenkins/build-context.js');
  const { findMaintenance } = await import('../maintenance/maintenance-store.js');
  const { approvalLines } = await import('../maintenance/report/approval-lines.js');
  const minutes = Math.min(approvalOf(session.site).minutes, hours * 60);
  const until = new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 16).replace('T', ' ');
  const { refreshMaintenanceReport } = await import('../maintenance/report/maintenance-report.js');
  const maintenance = await findMaintenance(session, run);
  // The page that the person reads, on whatever agent.
  if (maintenance !== undefined) await refreshMaintenanceReport(maintenance, session.site);
  return {
    summary: `Run ${run} waits for approval until ${until} UTC; staging of ${session.site.name} is frozen.`,
    lines: maintenance === undefined ? [] : approvalLines(maintenance.record()),
  };
}

/** `understudy hold <site> --run <id>`: keeps staging as it is while a person decides. */
export function holdCommand(): Command {
  return new Command('hold')
    .description('keep staging locked while an approval is awaited')
    .argument('[site]', 'name of the site')
    .requiredOption('--run <id>', 'the run that waits for the approval')
    .option('--hours <number>', 'how long the approval may take', '72')
    .action(async (site: string | undefined, flags: { run: string; hours: string }, command: Command) => {
      const parameters = readParameters(site, {});
      const run = assertRunId(flags.run);
      const hours = Number(flags.hours);
      if (!(hours > 0 && hours <= 24 * 31))
        throw new UnderstudyError('USAGE', '--hours must be between 1 and 744.');
      await withSession(command, parameters.site, async (session) => {
        await takeLock(
          session.lock,
          { run, phase: 'awaiting-approval', ...describeHolder(process.env) },
          hours * 3600,
        );
        const summary = await describeApproval(session, run, hours);
        for (const line of [summary.summary, ...summary.lines]) session.console.line(line);
        return { run, ...summary };
      });
    });
}
