import { applyPreserved } from '../../wordpress/sanitize/preserve-rows.js';
import { WordPressSchema } from '../../wordpress/sanitize/wordpress-schema.js';
import { type SanitizeNote } from '../../wordpress/sanitize/sanitize-note.js';
import { sanitize, repairDigests } from '../../wordpress/sanitize/sanitize.js';
import { type OutsideResult, switchOutside } from '../../wordpress/sanitize/switch-outside.js';
import { rewriteNetwork } from '../../wordpress/settings/multisite.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { placeUploads } from './place-uploads.js';
import { preservedRows } from './preserved-rows.js';
import { sessionsOn } from '../proof/leak-check.js';
import { type StageContext } from '../stage.js';

export const reportNotes = (context: StageContext, notes: readonly SanitizeNote[]): void => {
  for (const { what, rows } of notes) context.reporter.step(`${what}: ${String(rows)}`);
};

/** Sanitizes the rewritten copy and puts back what is staging's own. May be repeated. */
export async function sanitizeCopy(context: StageContext, schema: string): Promise<void> {
  const { access, open } = await sessionsOn(context, schema);
  const { prefix } = access;
  const { cron, scrub, outside, keepOptions, keepUsers } = context.site.staging;
  context.reporter.step('Sanitizing the copy');
  const session = await open();
  const opened = WordPressSchema.open(session, schema, prefix);
  opened.catch(() => undefined);
  // Of what staging serves, which nothing here changes.
  const kept = preservedRows(context, schema);
  kept.catch(() => undefined);
  try {
    if (access.multisite) await moveNetwork(context, session, { schema, prefix });
    const copy = { schema, prefix, opened: await opened };
    reportNotes(context, await repairDigests(session, copy));
    reportNotes(context, await sanitize(session, { ...copy, cron, scrub }));
    reportNotes(context, await placeUploads(context, session, copy.opened));
    reportOutside(context, await switchOutside(session, { ...copy, outside }));
    reportNotes(
      context,
      await applyPreserved(session, { ...copy, keepOptions, keepUsers, run: context.run.id }, await kept),
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
  reportNotes(context, network.notes);
  if (network.unmapped.length === 0) return;
  context.reporter.warn({
    severity: 'warning',
    code: 'NETWORK_SITES_UNMAPPED',
    message: `No staging address for these sites of the network: ${network.unmapped.join(', ')}.`,
    next: 'Add them to rewrite.network in the site file.',
  });
}
