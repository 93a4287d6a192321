import { applyKept } from '../wordpress/hygiene-kept.js';
import { HygieneSchema } from '../wordpress/hygiene-schema.js';
import { type HygieneNote } from '../wordpress/hygiene-note.js';
import { makeHarmless, repairDigests } from '../wordpress/hygiene.js';
import { type OutsideResult, switchOutside } from '../wordpress/switch-outside.js';
import { rewriteNetwork } from '../wordpress/multisite.js';
import { type SqlConnection } from '../database/sql-connection.js';
import { keptRows } from './kept-rows.js';
import { sessionsOn } from './leak-proof.js';
import { type StageContext } from './stage.js';

export const tell = (context: StageContext, notes: readonly HygieneNote[]): void => {
  for (const { what, rows } of notes) context.reporter.step(`${what}: ${String(rows)}`);
};

/** Makes the rewritten copy harmless, and puts back what is staging's own. May be repeated. */
export async function cleanCopy(context: StageContext, schema: string): Promise<void> {
  const { access, open } = await sessionsOn(context, schema);
  const { prefix } = access;
  const { cron, scrub, outside, keepOptions, keepUsers } = context.site.staging;
  context.reporter.step('Making the copy harmless');
  const session = await open();
  const opened = HygieneSchema.open(session, schema, prefix);
  opened.catch(() => undefined);
  // Of what staging serves, which nothing here changes.
  const kept = keptRows(context, schema);
  kept.catch(() => undefined);
  try {
    if (access.multisite) await moveNetwork(context, session, { schema, prefix });
    const place = { schema, prefix, opened: await opened };
    tell(context, await repairDigests(session, place));
    tell(context, await makeHarmless(session, { ...place, cron, scrub }));
    reportOutside(context, await switchOutside(session, { ...place, outside }));
    tell(
      context,
      await applyKept(session, { ...place, keepOptions, keepUsers, run: context.run.id }, await kept),
    );
  } finally {
    await session.close();
  }
}

function reportOutside({ reporter }: StageContext, { off, acting }: OutsideResult): void {
  for (const what of off) reporter.step(`Switched off in the copy: ${what}`);
  if (acting.length === 0) return;
  reporter.warn({
    severity: 'warning',
    code: 'OUTSIDE_ACCOUNTS',
    message: `With production's keys in the copy: ${acting.join('; ')}.`,
    next: 'Put them into test mode on staging and name their options in staging.keepOptions, or deactivate them there.',
  });
}

async function moveNetwork(
  context: StageContext,
  session: SqlConnection,
  place: { readonly schema: string; readonly prefix: string },
): Promise<void> {
  const network = await rewriteNetwork(session, context.site, place);
  tell(context, network.notes);
  if (network.unmapped.length === 0) return;
  context.reporter.warn({
    severity: 'warning',
    code: 'NETWORK_DOMAIN_MISMATCH',
    message: `No staging address for these sites of the network: ${network.unmapped.join(', ')}.`,
    next: 'Add them to rewrite.network in the site file.',
  });
}
