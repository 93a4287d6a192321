import { Command } from 'commander';
import { stagesOf } from '../config/stage-list.js';
import { readLock } from '../run/lock.js';
import { listRuns } from '../run/run-store.js';
import { readParameters, withSession } from './with-session.js';

/** `understudy runs <site>`: the runs that staging knows, newest first, and who holds the lock. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('list the runs of a site and who holds its lock')
    .argument('[site]', 'name of the site')
    .action(async (site: string | undefined, _flags: object, command: Command) => {
      const parameters = readParameters(site, {});
      await withSession(command, parameters.site, async (session) => {
        const runs = await listRuns(session.store);
        for (const run of runs) {
          const stages = stagesOf(session.site.type);
          const done = stages.filter((name) => run.stages[name]?.state === 'complete').length;
          session.console.line(
            `${run.id}  ${run.state.padEnd(8)}  ${String(done)} of ${String(stages.length)} stages`,
          );
        }
        const lock = await readLock(session.lock);
        session.console.line(
          lock === undefined
            ? 'The lock is free.'
            : `The lock is held by run ${lock.run} (${lock.holder}, ${lock.phase}).`,
        );
        const { lastOperation } = await import('../maintenance/promote/open-operation.js');
        const { describeJournal } = await import('../maintenance/promote/journal.js');
        const { site, hosts } = session;
        const last = await lastOperation(await hosts.productionApplication(), site);
        if (last !== undefined)
          session.console.line(
            last.phase === 'ended'
              ? `Production serves the ${last.goal} code of run ${last.run}.`
              : `Production: the ${describeJournal(last)} has not ended: understudy promote ${site.name} --recover.`,
          );
        return { run: '', summary: `${String(runs.length)} runs` };
      });
    });
}
