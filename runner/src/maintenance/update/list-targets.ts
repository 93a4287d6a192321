import { type Command } from '../../commands/command.js';
import { checkCore, type CoreOffer, listIn, type ListedItem, listItems } from '../../commands/wp.js';
import { UnderstudyError } from '../../errors/index.js';
import { type UpdateItem } from '../maintenance-record.js';
import { type UpdateContext, type UpdateTarget } from './update-context.js';
import { readVersions } from './installed-versions.js';
import { decideCore, decideItem, type Decision } from './policy.js';
import { composerDecisions, composerSlugs, readComposerProject } from './composer-packages.js';

export interface UpdatePlan {
  readonly targets: readonly UpdateTarget[];
  readonly staying: readonly Omit<UpdateItem, 'seconds'>[];
}

/**
 * What is offered, and what the site file makes of it. Plugins come first, then themes, then WordPress itself, last
 * translations: vendors publish what their code needs for a new WordPress before it comes out, so code that is up to
 * date meets the new core, and not the other way round. What only the new core allows is listed again afterwards.
 * @throws WP_CLI_MISSING
 */
export async function planUpdates(context: UpdateContext): Promise<UpdatePlan> {
  if (context.composer !== undefined) return planOf(await composerDecisions(context, context.composer));
  const { settings, wp } = context;
  const installed = await readVersions(context.files, context.layout);
  const project = await readComposerProject(context.files, context.layout.root);
  const decisions: Decision[] = [];
  for (const kind of ['plugin', 'theme'] as const) {
    const versions = kind === 'plugin' ? installed.plugins : installed.themes;
    const rules = kind === 'plugin' ? settings.plugins : settings.themes;
    const managed = composerSlugs(project, kind);
    for (const row of await ask(context, listItems(wp, kind), `list ${kind}s`)) {
      const item = listed(row);
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/.test(item.name)) continue;
      const decision = decideItem(kind, item, versions.get(item.name) ?? item.version, rules);
      decisions.push(managed.has(item.name) ? leftToComposer(decision) : decision);
    }
  }
  const offers = (await ask(context, checkCore(wp), 'ask for versions of WordPress')).map(
    (row): CoreOffer => ({
      version: textIn(row, 'version'),
      update_type: textIn(row, 'update_type') === 'major' ? 'major' : 'minor',
      package_url: textIn(row, 'package_url'),
    }),
  );
  const core = decideCore(offers, installed.core, settings.core);
  decisions.push(composerSlugs(project, 'core').size > 0 ? leftToComposer(core) : core);
  return planOf(decisions);
}

/** WP-CLI would change it behind Composer's back, until the next deployment brings the former version again. */
function leftToComposer(decision: Decision): Decision {
  if (decision === undefined || 'stays' in decision) return decision;
  const { pinned: _, changelog, ...update } = decision.update;
  return {
    stays: {
      ...update,
      ...(changelog === undefined ? {} : { changelog }),
      to: update.from,
      state: 'excluded',
      evidence: [
        'Composer installed it: not updated. With maintenance.composer in the site file, update works by composer update',
      ],
    },
  };
}

function planOf(decisions: readonly Decision[]): UpdatePlan {
  const targets = decisions.flatMap((each) => (each !== undefined && 'update' in each ? [each.update] : []));
  const staying = decisions.flatMap((each) => (each !== undefined && 'stays' in each ? [each.stays] : []));
  return { targets, staying };
}

/** All translations at once: they are data of WordPress and of every plugin, and one file cannot break another. */
export const translationsTarget = (from: string): UpdateTarget => ({
  kind: 'translations',
  slug: 'translations',
  title: 'Translations',
  from,
  offered: '',
});

const textIn = (row: Readonly<Record<string, unknown>>, name: string): string => {
  const value = row[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

const listed = (row: Readonly<Record<string, unknown>>): ListedItem => ({
  name: textIn(row, 'name'),
  title: textIn(row, 'title'),
  status: textIn(row, 'status'),
  update: textIn(row, 'update'),
  version: textIn(row, 'version'),
  update_version: textIn(row, 'update_version'),
  update_package: textIn(row, 'update_package'),
});

async function ask(
  context: UpdateContext,
  command: Command<'write'>,
  label: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const result = await context.php.run(command, {
    allowedExitCodes: 'any',
    timeoutSeconds: 300,
    signal: context.signal,
    label,
  });
  const rows = listIn(result.stdout.toString('utf8'));
  if (rows !== undefined && (result.code === 0 || rows.length > 0)) return rows;
  throw new UnderstudyError(
    'WP_CLI_MISSING',
    `WP-CLI could not ${label} on staging (exit code ${String(result.code)}).`,
    {
      host: context.php.label,
      stderr: result.stderr || result.stdout.toString('utf8'),
      ...(result.code === 127
        ? {}
        : { next: 'Run that command on staging by hand: most often the site itself does not load.' }),
    },
  );
}
