import { applyPreserved } from '../../wordpress/sanitize/preserve-rows.js';
import { recordBroughtUsers } from '../../wordpress/sanitize/brought-users.js';
import { type WordPressSchema, type SanitizeNote } from '../../wordpress/sanitize/wordpress-schema.js';
import { sanitize, repairDigests } from '../../wordpress/sanitize/sanitize.js';
import { type OutsideResult, switchOutside } from '../../wordpress/sanitize/switch-outside.js';
import { rewriteNetwork } from '../../wordpress/settings/multisite.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { versionedTables } from '../../database/schema/history.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { forgetHistory } from './forget-history.js';
import { preservedRows } from './preserved-rows.js';
import { type StageContext } from '../stage.js';
import { pathInRoot } from '../../wordpress/site/document-root.js';
import { type Layout } from '../../wordpress/site/host-layout.js';
import { uploadFolder } from '../../wordpress/site/upload-folders.js';
import { readConfigs, stagingLayout } from '../survey/site-layouts.js';

export const reportNotes = (context: StageContext, notes: readonly SanitizeNote[]): void => {
  for (const { what, rows } of notes) context.reporter.step(`${what}: ${String(rows)}`);
};

/** Sanitizes the copy and puts back what is staging's own. May be repeated. @param opened the copy and its session */
export async function sanitizeCopy(context: StageContext, opened: WordPressSchema): Promise<void> {
  const { connection: session, schema, prefix } = opened;
  const { multisite } = await context.database.staging();
  const { cron, scrub, outside, keepOptions, keepUsers } = context.site.staging;
  context.reporter.step('Sanitizing the copy');
  const copy = { schema, prefix, opened };
  // Neither needs what is done meanwhile: of what staging serves nothing is changed here, and ids stay what they are.
  const kept = preservedRows(context, schema);
  const brought = recordBroughtUsers(opened, context.run.id);
  const versioned = versionedTables(session, schema);
  for (const each of [kept, brought, versioned]) each.catch(() => undefined);
  if (multisite) await moveNetwork(context, session, { schema, prefix });
  // Each has options of its own.
  const [digests, notes, uploads, switched] = await inOneGo([
    repairDigests(session, copy),
    sanitize(session, { ...copy, cron, scrub }),
    placeUploads(context, session, opened),
    switchOutside(session, { ...copy, outside }),
  ]);
  reportNotes(context, [...digests, ...notes, ...uploads]);
  reportOutside(context, switched);
  const preserved = { ...copy, keepOptions, keepUsers, run: context.run.id, brought };
  reportNotes(context, await applyPreserved(session, preserved, await kept));
  // The last step: each one before it left what it changed in the history of the table.
  await forgetHistory(context, session, schema, await versioned);
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

/** `upload_path` in production's folder is moved to staging's, elsewhere unset: both sides may share it. */
async function placeUploads(
  context: StageContext,
  session: SqlConnection,
  schema: WordPressSchema,
): Promise<SanitizeNote[]> {
  if (context.site.type !== 'wordpress') return [];
  const [[production, staging], layout] = await Promise.all([readConfigs(context), stagingLayout(context)]);
  const roots = { production: production.realRoot, staging: staging.realRoot };
  const moved = await inOneGo(
    schema.all('options', ['option_name', 'option_value']).map(async ({ sql }) => {
      const [row] = await session.query(
        `SELECT option_value AS value FROM ${sql} WHERE option_name = 'upload_path'`,
      );
      const path = String(row?.['value'] ?? '').trim();
      const own = ownPath(context, layout, roots, path);
      if (own === path) return false;
      await session.execute(`UPDATE ${sql} SET option_value = ? WHERE option_name = 'upload_path'`, [own]);
      return true;
    }),
  );
  const rows = moved.filter(Boolean).length;
  return rows === 0 ? [] : [{ what: 'folders of uploads moved to staging', rows }];
}

function ownPath(
  { site }: Pick<StageContext, 'site'>,
  { relative, phpRoot }: Layout,
  roots: { readonly production: string | undefined; readonly staging: string | undefined },
  path: string,
): string {
  if (uploadFolder(path, site.staging, roots.staging, relative) !== 'outside') return path;
  const inside = path.startsWith('/') ? pathInRoot(path, site.production, roots.production) : undefined;
  return inside === undefined ? '' : `${phpRoot}/${inside}`.replace(/\/$/, '');
}
