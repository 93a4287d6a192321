import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { type SanitizeNote } from '../../wordpress/sanitize/sanitize-note.js';
import { type WordPressSchema } from '../../wordpress/sanitize/wordpress-schema.js';
import { pathInRoot } from '../../wordpress/site/document-root.js';
import { type Layout } from '../../wordpress/site/host-layout.js';
import { uploadFolder } from '../../wordpress/site/upload-folders.js';
import { readConfigs, stagingLayout } from '../survey/site-layouts.js';
import { type StageContext } from '../stage.js';

/**
 * Staging's uploads stay on staging: `upload_path` may be an absolute path of production's, or lead out of the site to a
 * folder that both sides share. In production's folder it is moved to staging's, elsewhere it is unset.
 */
export async function placeUploads(
  context: StageContext,
  session: SqlConnection,
  schema: WordPressSchema,
): Promise<SanitizeNote[]> {
  if (context.site.type !== 'wordpress') return [];
  const [[production, staging], layout] = await Promise.all([readConfigs(context), stagingLayout(context)]);
  const roots = { production: production.realRoot, staging: staging.realRoot };
  let rows = 0;
  for (const { sql } of schema.all('options', ['option_name', 'option_value'])) {
    const [row] = await session.query(
      `SELECT option_value AS value FROM ${sql} WHERE option_name = 'upload_path'`,
    );
    const path = String(row?.['value'] ?? '').trim();
    const own = ownPath(context, layout, roots, path);
    if (own === path) continue;
    await session.execute(`UPDATE ${sql} SET option_value = ? WHERE option_name = 'upload_path'`, [own]);
    rows += 1;
  }
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
