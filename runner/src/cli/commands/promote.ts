import { Option } from 'commander';
import type { Site } from '../../config/site.js';
import { parseParameters } from '../../config/parameters.js';
import { UnderstudyError } from '../../errors/index.js';
import { defineCommand, SITE_WORD } from '../define-command.js';
import { dryRunOption, runOption } from '../options.js';
import { type FlagValues, parametersOf } from '../parameters-of.js';
import { withProductionSession, withSession } from '../with-session.js';

interface PromoteFlags extends FlagValues {
  readonly approvedBy?: string;
  readonly approve?: boolean;
  readonly now?: boolean;
  readonly rollback?: boolean;
  readonly recover?: boolean;
  readonly restoreDatabase?: boolean;
}

/** `understudy promote <site>`: the tested code to every host of production. */
export const promoteCommand = defineCommand<PromoteFlags>({
  name: 'promote',
  group: 'Maintenance',
  summary: 'carry the tested code to production, exactly as it was tested',
  words: [SITE_WORD],
  options: [
    runOption('the run that was tested; default the newest'),
    dryRunOption('show the plan with times and change nothing'),
    new Option('--approved-by <name>', 'who approved the report'),
    new Option('--approve', 'approve by the policy of the site (maintenance.approve.policy: when-green)'),
    new Option('--now', 'also outside of maintenance.window and on frozen days'),
    new Option('--rollback', 'put the code back that the last promotion replaced; the database stays'),
    new Option('--recover', 'finish or undo an interrupted promotion'),
    new Option(
      '--restore-database',
      'code and database as before the promotion of --run; what was written since is lost',
    ),
  ],
  examples: [
    { words: 'promote acme --dry-run', about: 'the steps on every host of production, with times' },
    { words: 'promote acme --approved-by ada', about: 'carry over what the newest run has tested' },
    { words: 'promote acme --rollback', about: 'the code before that promotion again' },
  ],
  asks: true,
  run: async (call) => {
    const { flags } = call;
    const parameters = parametersOf(call.name, call.words[0], flags);
    const modes = [flags.rollback, flags.recover, flags.restoreDatabase, parameters.dryRun];
    if (modes.filter(Boolean).length > 1)
      throw new UnderstudyError(
        'USAGE',
        '--rollback, --recover, --restore-database and --dry-run exclude each other.',
      );
    const question = (site: Site): string | undefined =>
      parameters.dryRun ? undefined : questionOf(site, flags);
    if (flags.rollback === true || flags.recover === true || flags.restoreDatabase === true)
      return withProductionSession(
        call,
        parameters.site,
        async (session) => {
          const back = await import('../../pipelines/promotion/promotion-rollback.js');
          if (flags.rollback === true) return back.rollBackPromotion(session, parameters.run);
          if (flags.recover === true) return back.endPromotion(session);
          return back.restoreBeforePromotion(session, parameters.run);
        },
        question,
      );
    const approvedBy =
      flags.approvedBy ?? parseParameters(process.env['UNDERSTUDY_PARAMETERS'] ?? '{}').approvedBy;
    return withSession(
      call,
      parameters.site,
      async (session) => {
        const { promote } = await import('../../pipelines/promotion/promote.js');
        return promote(session, {
          dryRun: parameters.dryRun,
          now: flags.now === true,
          byPolicy: flags.approve === true,
          approvedBy,
          run: parameters.run,
        });
      },
      { question },
    );
  },
});

/** To end what was cut off is not asked about: the longer it waits, the worse. */
function questionOf({ production }: Site, flags: PromoteFlags): string | undefined {
  if (flags.recover === true) return undefined;
  if (flags.restoreDatabase === true)
    return `Set code and database of ${production.url} back? What was written there since is lost.`;
  if (flags.rollback === true) return `Put the former code back on ${production.url}?`;
  return `Carry the tested code to production, ${production.url}?`;
}
