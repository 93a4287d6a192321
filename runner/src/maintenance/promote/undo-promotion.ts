import { shellScript } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import { type RecoveryContext } from './context.js';
import { restoreDatabase } from './database-safety.js';
import { farthest, readJournal, removeJournal, writeJournal, type PromotionJournal } from './journal.js';
import { WAIT_UNTIL_QUIET } from './scripts.js';
import { clearPhpCaches, pagesOff, pagesOn, switchBack, tidyCode } from './switch-code.js';

export type PromotionRecovery = 'nothing' | 'undone' | 'finished';

/**
 * Undoes a promotion whose page is still on: code within seconds on every host, and the database where it may have been
 * changed: nothing but the promotion could write since its backup. May be killed and repeated.
 * @throws PRODUCTION_NEEDS_REPAIR; the page stays on then
 */
export async function undoPromotion(context: RecoveryContext, journal: PromotionJournal): Promise<void> {
  const { instances, reporter, site } = context;
  const { run, phase } = journal;
  if (phase !== 'copying') await pagesOn(context, instances.all, run);
  const undone = await switchBack(context, run);
  if (phase === 'upgrading' || phase === 'restoring') {
    if (journal.restorable) {
      reporter.step('Putting the database back: nothing else could write since its backup');
      await Promise.all(instances.all.map((one) => writeJournal(one, { ...journal, phase: 'restoring' })));
      await restoreOrRepair(context, run);
    } else {
      reporter.warn({
        severity: 'warning',
        code: 'DATABASE_NOT_RESTORED',
        message: 'The schema holds tables that are not the site’s, so the database was not put back.',
        next: `The backup of run ${run} is kept; understudy promote ${site.name} --restore-database --run ${run} puts all of it back.`,
      });
    }
  }
  if (undone) await clearPhpCaches(context, instances.all);
  await pagesOff(context, instances.all);
  await tidyCode(context, instances.all, run);
  await Promise.all(instances.all.map(removeJournal));
}

async function restoreOrRepair(context: RecoveryContext, run: string): Promise<void> {
  try {
    await restoreDatabase(await context.safety(run), await context.databaseHost());
  } catch (cause) {
    throw new UnderstudyError(
      'PRODUCTION_NEEDS_REPAIR',
      'The former code is back, but the database could not be put back; the maintenance page stays on.',
      {
        details: [cause instanceof Error ? cause.message : String(cause)],
        next: `Mend the cause, then: understudy promote ${context.site.name} --recover. The backup of run ${run} is complete.`,
        cause,
      },
    );
  }
}

/**
 * Ends a promotion that was cut off: forwards once its page was allowed to go off (all checks behind it had passed),
 * else back.
 */
export async function recoverPromotion(context: RecoveryContext): Promise<PromotionRecovery> {
  const { instances, reporter, site } = context;
  const found = await Promise.all(instances.all.map((instance) => readJournal(instance, site.name)));
  const journals = found.filter((journal) => journal !== undefined);
  const phase = farthest(journals.map((journal) => journal.phase));
  const journal = journals.find((one) => one.phase === phase);
  if (journal === undefined) return 'nothing';
  if (journals.some(({ run }) => run !== journal.run))
    throw new UnderstudyError('PRODUCTION_NEEDS_REPAIR', 'The hosts have open promotions of several runs.', {
      details: instances.all.map(({ name }, index) => `${name}: ${found[index]?.run ?? 'none'}`),
      next: 'Bring the hosts back to one state by hand, then remove journal.json below production.workDir.',
    });
  reporter.step(`Ending the promotion of run ${journal.run} that was cut off (${journal.phase})`);
  await waitUntilQuiet(context);
  if (journal.phase !== 'open') {
    await undoPromotion(context, journal);
    return 'undone';
  }
  await pagesOff(context, instances.all);
  await tidyCode(context, instances.all, journal.run);
  await Promise.all(instances.all.map(removeJournal));
  return 'finished';
}

/** Seconds in which what a killed promotion left running comes to its end. */
const QUIET_SECONDS = 120;

async function waitUntilQuiet({ instances, site }: RecoveryContext): Promise<void> {
  await Promise.all(
    instances.all.map(async ({ host, folder }) => {
      const { code, stderr } = await host.run(
        shellScript('read', WAIT_UNTIL_QUIET, [String(QUIET_SECONDS)]),
        {
          stdin: `${folder}/\n`,
          okCodes: [0, 5],
          timeoutSeconds: QUIET_SECONDS + 60,
          describe: 'wait for what the killed promotion left running',
        },
      );
      if (code === 5)
        throw new UnderstudyError(
          'PRODUCTION_NEEDS_REPAIR',
          'A process of the promotion that was cut off still runs.',
          { host: host.label, stderr, next: `Wait, then: understudy promote ${site.name} --recover.` },
        );
    }),
  );
}
