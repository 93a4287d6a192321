import { type Console } from '../../report/terminal/console.js';
import { type Site } from '../../config/site.js';
import { errorOf, isErrorFinding, UnderstudyError } from '../../errors/index.js';
import { assertNotSameTree } from '../../hosts/guard/same-tree.js';
import { readWpConfig } from '../../wordpress/settings/read-wp-config.js';
import { prepareDatabase, prepareRules, prepareFolder } from './prepare-folder.js';
import { prepareConfig } from './prepare-config.js';
import type { Part, PrepareContext, PreparedDatabase } from './prepare-types.js';
import { type Outcome } from '../../run/result.js';
import { type LookOptions } from '../runs/show-run.js';
import { openStagingView, type StagingView } from '../session/staging-view.js';

/**
 * `understudy prepare`: what an empty staging lacks, part by part. It only makes what is not there: no file, database or
 * right that exists is changed.
 * @throws STAGING_IS_PRODUCTION, STAGING_NOT_PREPARED when something is left for somebody else after `apply`
 */
export async function prepareStaging(site: Site, apply: boolean, options: LookOptions): Promise<Outcome> {
  if (site.type !== 'wordpress')
    throw new UnderstudyError('USAGE', `${site.name} is not a WordPress site; prepare knows those alone.`, {
      next: `Make folder, database and settings of staging as its framework wants them, then run understudy doctor ${site.name}.`,
    });
  const { console } = options;
  const view = await openStagingView(site, options);
  try {
    console.line(
      `${apply ? 'Preparing' : 'What'} staging of ${site.name}${apply ? '' : ' needs'}: ${site.staging.url}`,
    );
    const parts: Part[] = [];
    for (const part of await openParts(view, apply)) {
      const found = await part();
      parts.push(found);
      showPart(console, found);
    }
    console.data({ parts });
    return conclude(site, parts, apply, console);
  } finally {
    await view.close();
  }
}

async function openParts(view: StagingView, apply: boolean): Promise<(() => Promise<Part>)[]> {
  const { site, lock, readers } = view;
  const production = await readers.production();
  const guard = await assertNotSameTree(production, site.production.path, lock.staging, site.staging.path);
  const same = guard.filter(isErrorFinding).find(({ code }) => code === 'STAGING_IS_PRODUCTION');
  if (same !== undefined) throw errorOf(same);
  const context: PrepareContext = {
    site,
    staging: lock.staging,
    workDir: lock.workDir,
    production: await readWpConfig(production, site.production),
    apply,
  };
  let database: PreparedDatabase | undefined;
  return [
    () => prepareFolder(context),
    async () => {
      const { part, ...found } = await prepareConfig(context);
      database = found;
      return part;
    },
    () => prepareDatabase(context, database),
    () => prepareRules(context),
  ];
}

const MARK = { there: '✓', made: '✓', would: '·', open: '✗' } as const;

function showPart(console: Console, { name, state, sentence, lines }: Part): void {
  const shown = `   ${MARK[state]} ${name}: ${state === 'made' ? 'made; ' : ''}${sentence}`;
  console.block([shown, ...lines.map((line) => `       ${line}`)].join('\n'));
}

function conclude(site: Site, parts: readonly Part[], apply: boolean, console: Console): Outcome {
  const open = parts.filter(({ state }) => state === 'open');
  const would = parts.filter(({ state }) => state === 'would');
  if (apply && open.length > 0)
    throw new UnderstudyError(
      'STAGING_NOT_PREPARED',
      `Staging of ${site.name} still lacks: ${open.map(({ name }) => name).join(', ')}.`,
      { next: `Run the lines above on staging, then again: understudy prepare ${site.name} --apply` },
    );
  const next =
    open.length + would.length === 0
      ? `Next: understudy doctor ${site.name}`
      : `Nothing was changed. To create what is missing: understudy prepare ${site.name} --apply`;
  console.line(next);
  const summary =
    open.length + would.length === 0
      ? `Staging of ${site.name} has what a sync needs.`
      : `Staging of ${site.name} lacks: ${[...open, ...would].map(({ name }) => name).join(', ')}.`;
  return { run: '', summary };
}
