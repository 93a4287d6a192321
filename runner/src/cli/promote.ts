import { Command } from 'commander';
import { parseParameters } from '../config/parameters.js';
import { UnderstudyError } from '../errors/index.js';
import { readParameters, withProductionSession, withSession, type FlagValues } from './with-session.js';

interface PromoteFlags extends FlagValues {
  readonly approvedBy?: string;
  readonly approve?: boolean;
  readonly now?: boolean;
  readonly rollback?: boolean;
  readonly recover?: boolean;
  readonly restoreDatabase?: boolean;
}

/** `understudy promote <site>`: the tested code to every host of production. */
export function promoteCommand(): Command {
  return new Command('promote')
    .description('carry the tested code to production, exactly as it was tested')
    .argument('[site]', 'name of the site')
    .option('--run <id>', 'the run that was tested; default the newest')
    .option('--dry-run', 'show the plan with times and change nothing')
    .option('--approved-by <name>', 'who approved the report')
    .option('--approve', 'approve by the policy of the site (maintenance.approve.policy: when-green)')
    .option('--now', 'also outside of maintenance.window and on frozen days')
    .option('--rollback', 'put the code back that the last promotion replaced; the database stays')
    .option('--recover', 'end a promotion that was cut off')
    .option(
      '--restore-database',
      'code and database as before the promotion of --run; what was written since is lost',
    )
    .action(async (site: string | undefined, flags: PromoteFlags, command: Command) => {
      const parameters = readParameters(site, flags);
      const modes = [flags.rollback, flags.recover, flags.restoreDatabase, parameters.dryRun];
      if (modes.filter(Boolean).length > 1)
        throw new UnderstudyError(
          'USAGE',
          '--rollback, --recover, --restore-database and --dry-run exclude each other.',
        );
      const approvedBy =
        flags.approvedBy ?? parseParameters(process.env['UNDERSTUDY_PARAMETERS'] ?? '{}').approvedBy;
      if (flags.rollback === true || flags.recover === true || flags.restoreDatabase === true) {
        await withProductionSession(command, parameters.site, async (session) => {
          const back = await import('../pipelines/promotion-rollback.js');
          if (flags.rollback === true) return back.rollBackPromotion(session, parameters.run);
          if (flags.recover === true) return back.endPromotion(session);
          return back.restoreBeforePromotion(session, parameters.run);
        });
        return;
      }
      await withSession(command, parameters.site, async (session) => {
        const { promote } = await import('../pipelines/promote.js');
        return promote(session, {
          dryRun: parameters.dryRun,
          now: flags.now === true,
          byPolicy: flags.approve === true,
          ...(approvedBy === undefined ? {} : { approvedBy }),
          ...(parameters.run === undefined ? {} : { run: parameters.run }),
        });
      });
    });
}
