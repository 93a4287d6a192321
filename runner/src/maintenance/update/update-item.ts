import { type Command } from '../../commands/command.js';
import { updateCore, updateDatabase, updateItemCommand, updateTranslations } from '../../commands/wp.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { withStaging } from '../../database/restore/staging-account.js';
import { lastLines, maskSecrets, UnderstudyError } from '../../errors/index.js';
import { type CheckRun, newFailures, sentenceOf } from '../checks/check-result.js';
import { type LogMark, markLogs } from '../checks/php-log.js';
import { type UpdateItem } from '../maintenance-record.js';
import { clearCaches } from './clear-caches.js';
import { type UpdateContext, type UpdateTarget } from './update-context.js';
import { readVersions, versionOf } from './installed-versions.js';
import { type Journal, type Snapshots } from './item-snapshot.js';
import { coreAddress } from '../../wordpress/site/site-layout.js';
import { composerUpdate } from '../../commands/composer.js';
import { packageVersion, readComposerProject } from './composer-packages.js';

/** Pieces of evidence in a report: a person reads them. */
const MOST_EVIDENCE = 12;

/**
 * One item: kept, updated, its database upgraded, checked; what is bad is taken back, files and database.
 * @throws SNAPSHOT_FAILED before anything was changed; ITEM_NOT_RESTORED when taking back failed
 */
export async function updateItem(
  context: UpdateContext,
  snapshots: Snapshots,
  target: UpdateTarget,
): Promise<UpdateItem> {
  const started = performance.now();
  const journal = await snapshots.take(target);
  const outcome = await tryUpdate(context, snapshots, target, journal);
  await snapshots.close();
  const { pinned: _, ...shown } = target;
  return {
    ...shown,
    ...(target.kind === 'translations' ? { from: '', to: '' } : { to: outcome.to }),
    state: outcome.state,
    evidence: outcome.evidence.map((line) => maskSecrets(line).slice(0, 600)).slice(0, MOST_EVIDENCE),
    ...(outcome.tables.length === 0 ? {} : { tables: outcome.tables }),
    ...(outcome.pictures.length === 0 ? {} : { pictures: outcome.pictures }),
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

interface Outcome {
  readonly to: string;
  readonly state: UpdateItem['state'];
  readonly evidence: readonly string[];
  readonly tables: readonly string[];
  readonly pictures: readonly string[];
}

async function tryUpdate(
  context: UpdateContext,
  snapshots: Snapshots,
  target: UpdateTarget,
  journal: Journal,
): Promise<Outcome> {
  const mark = await markLogs(context.log);
  const active = await activePlugins(context);
  const said = await runUpdater(context, target);
  const to = await versionNow(context, target);
  if (to === target.from && said.failed === '' && target.kind === 'translations')
    return { to, state: 'current', evidence: [], tables: [], pictures: [] };
  if (to === target.from && said.failed === '' && target.kind === 'composer') {
    // Dependencies may have moved all the same: only the item's own update was asked for.
    const taken = await takeBack(context, snapshots, journal);
    return {
      to: target.from,
      state: 'current',
      evidence: [`composer.json does not allow ${target.offered}`, ...taken.notes],
      tables: [],
      pictures: [],
    };
  }
  if (to === target.from || to === '') {
    // Half of an update may lie there, and WordPress' maintenance page: the kept state goes back in any case.
    const taken = await takeBack(context, snapshots, journal);
    return {
      to: target.from,
      state: 'failed',
      evidence: [
        to === ''
          ? 'The updater ran, but no version can be read from the files now.'
          : `The updater ran, but the files still say ${target.from}.`,
        said.text,
        ...taken.notes,
      ],
      tables: [],
      pictures: [],
    };
  }
  await upgradeDatabase(context, target);
  const uncleared = await clearCaches(context);
  const run = await context.check(checkName(target), mark);
  const problems = await problemsOf(context, run, active);
  if (problems.length === 0) {
    context.accept(run);
    const notes = [
      ...(to === target.offered || target.kind === 'translations'
        ? []
        : [`${target.offered} was offered; the files say ${to}.`]),
      ...(uncleared === undefined ? [] : [uncleared]),
    ];
    const tables = await snapshots.changed(journal);
    return { to, state: 'updated', evidence: notes, tables, pictures: [] };
  }
  const pictures = newFailures(run, context.good()).flatMap(({ picture }) => picture ?? []);
  const taken = await takeBack(context, snapshots, journal);
  return {
    to: target.from,
    state: 'rolled-back',
    evidence: [...problems, ...(said.failed === '' ? [] : [said.text]), ...taken.notes],
    tables: taken.tables,
    pictures,
  };
}

/** `plugin-akismet`: names the folder of the checks. */
const checkName = (target: Pick<UpdateTarget, 'kind' | 'slug'>): string =>
  target.kind === target.slug ? target.kind : `${target.kind}-${target.slug}`;

/** By what the files say. '' where they say nothing, or composer.lock says otherwise. */
const versionNow = async ({ files, layout }: UpdateContext, target: UpdateTarget): Promise<string> =>
  target.kind === 'composer'
    ? packageVersion(files, layout.root, target.title)
    : versionOf(await readVersions(files, layout), target);

async function commandsFor(
  { wp, composer, files, layout }: UpdateContext,
  target: UpdateTarget,
): Promise<readonly Command<'write'>[]> {
  if (target.kind === 'composer') {
    const project = await readComposerProject(files, layout.root);
    return composer === undefined ? [] : [composerUpdate(composer, target.title, project?.dev === true)];
  }
  if (target.kind === 'core') return [updateCore(wp, target.offered)];
  if (target.kind === 'translations') return updateTranslations(wp);
  return [
    updateItemCommand(wp, target.kind, target.slug, target.pinned === true ? target.offered : undefined),
  ];
}

/** What the updater says is evidence, never the answer. */
async function runUpdater(
  context: UpdateContext,
  target: UpdateTarget,
): Promise<{ failed: string; text: string }> {
  let [failed, text] = ['', ''];
  for (const command of await commandsFor(context, target)) {
    try {
      const result = await context.php.run(command, {
        allowedExitCodes: 'any',
        timeoutSeconds: 900,
        signal: context.signal,
        label: `update ${target.title} with ${target.kind === 'composer' ? 'Composer' : 'WP-CLI'}`,
        job: { name: 'update', folder: context.run.stagingFolder },
      });
      const output = lastLines(`${result.stdout.toString('utf8').trim()}\n${result.stderr}`.trim(), 5);
      text = `The updater said: ${output || 'nothing'}`;
      if (result.code !== 0) failed = `exit code ${String(result.code)}`;
    } catch (error) {
      if (!(error instanceof UnderstudyError) || error.code !== 'COMMAND_TIMED_OUT') throw error;
      [failed, text] = ['time-out', 'The updater did not end within 15 minutes.'];
    }
  }
  return { failed, text };
}

/**
 * WordPress' own upgrade, then one request that runs `admin_init` without a login (admin-ajax.php): plugins that
 * upgrade their tables on the first visit of the back end do it now, where it can be taken back.
 */
async function upgradeDatabase(context: UpdateContext, target: UpdateTarget): Promise<void> {
  if (target.kind === 'translations') return;
  if (target.kind === 'core' || target.kind === 'composer')
    await context.php.run(updateDatabase(context.wp, context.multisite), {
      allowedExitCodes: 'any',
      timeoutSeconds: 900,
      signal: context.signal,
      label: 'upgrade the database with WP-CLI',
      job: { name: 'update-db', folder: context.run.stagingFolder },
    });
  const base = context.site.staging.url.replace(/\/+$/, '');
  const admin = coreAddress(context.layout.relative, 'wp-admin/admin-ajax.php');
  const address = `${base}${admin}?action=understudy_upgrade`;
  await context.client(address, { timeoutSeconds: 120 }).catch(() => undefined);
}

async function activePlugins(context: UpdateContext): Promise<ReadonlySet<string>> {
  const { prefix } = await context.database.staging();
  const rows = await withStaging(context, {}, (connection) =>
    connection.query(
      `SELECT option_value AS value FROM ${quoteIdentifier(`${prefix}options`)} WHERE option_name IN ('active_plugins', 'stylesheet')`,
    ),
  );
  // A serialized list of file names, and the plain name of the theme.
  return new Set(
    rows.flatMap(({ value }) => {
      const text = String(value);
      return text.startsWith('a:')
        ? [...text.matchAll(/s:\d+:"([^"]*)"/g)].map((match) => match[1] ?? '')
        : [text];
    }),
  );
}

/** A site whose shop plugin went to sleep looks fine on most pages. */
async function problemsOf(
  context: UpdateContext,
  run: CheckRun,
  active: ReadonlySet<string>,
): Promise<string[]> {
  const now = await activePlugins(context);
  const asleep = [...active]
    .filter((name) => !now.has(name))
    .map((name) => `${name} is not active any more.`);
  return [...asleep, ...newFailures(run, context.good()).map(sentenceOf)];
}

/** Files first, then the database, then a look whether the site is what it was. */
async function takeBack(
  context: UpdateContext,
  snapshots: Snapshots,
  journal: Journal,
): Promise<{ tables: readonly string[]; notes: readonly string[] }> {
  const mark: LogMark = await markLogs(context.log);
  const { tables, removed } = await snapshots.restore(journal);
  await clearCaches(context);
  const run = await context.quickCheck(`${checkName(journal)}-taken-back`, mark);
  const left = newFailures(run, context.good()).map(sentenceOf);
  return {
    tables,
    notes: [
      ...(removed.length === 0 ? [] : [`Removed what the update had added: ${removed.join(', ')}.`]),
      ...left.map((sentence) => `Still so after the update was undone: ${sentence}`),
    ],
  };
}
