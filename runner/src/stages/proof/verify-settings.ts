import { broughtFiles } from '../../content/swap/brought-files.js';
import { swapFolders } from '../../content/swap/open-file-swap.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { assertDifferentDatabase } from '../../database/schema/same-database.js';
import { openDatabase } from '../../database/connection/open-database.js';
import { UnderstudyError, isErrorFinding } from '../../errors/index.js';
import { assertNotSameTree } from '../../hosts/guard/same-tree.js';
import { databaseAccessOf } from '../../wordpress/settings/database-access-of.js';
import { pathInRoot } from '../../wordpress/site/document-root.js';
import { readWpConfig } from '../../wordpress/settings/read-wp-config.js';
import { type WordPressSettings } from '../../wordpress/settings/wordpress-settings.js';
import { readConfigs } from '../survey/site-layouts.js';
import { type StageContext } from '../stage.js';

/** Settings read again mean the database of before, which is not production's. @throws SETTINGS_CHANGED */
export async function verifySettings(context: StageContext): Promise<void> {
  context.reporter.step("Reading staging's settings again");
  const [, before] = await readConfigs(context);
  // Most probably the settings are what they were; then the answers count.
  const asking = askGuardsAgain(context, before);
  const [after] = await inOneGo([readAgain(context), asking.catch(() => undefined)]);
  const differences = settingsDifferences(before, after);
  if (differences.length > 0)
    throw new UnderstudyError(
      'SETTINGS_CHANGED',
      `With the new files staging would use ${differences.join(', ')}.`,
      { details: await culprits(context, after) },
    );
  if (JSON.stringify(revealed(after)) === JSON.stringify(revealed(before))) await asking;
  else await askGuardsAgain(context, after);
}

/** All that a login is made of. */
const revealed = ({ database }: WordPressSettings): unknown[] => [
  database.server,
  database.name,
  database.user,
  database.password?.reveal(),
];

async function readAgain(context: StageContext): Promise<WordPressSettings> {
  const { site, hosts } = context;
  try {
    return await readWpConfig(await hosts.staging(), site.staging);
  } catch (cause) {
    if (!(cause instanceof UnderstudyError) || cause.code !== 'WP_CONFIG_UNREADABLE') throw cause;
    throw new UnderstudyError(
      'SETTINGS_CHANGED',
      `With the new files staging's settings can no longer be read: ${cause.message}`,
      { cause, stderr: cause.stderr },
    );
  }
}

/** Each as `the schema x instead of y`. A value that PHP does not tell any more counts as another one. */
function settingsDifferences(before: WordPressSettings, after: WordPressSettings): string[] {
  const parts = (settings: WordPressSettings): Readonly<Record<string, string | undefined>> => ({
    server: settings.database.server && JSON.stringify(settings.database.server),
    schema: settings.database.name,
    account: settings.database.user,
    prefix: settings.prefix,
    network: settings.multisite ? 'a network' : 'no network',
  });
  const [was, is] = [parts(before), parts(after)];
  return Object.keys(was)
    .filter((name) => was[name] !== is[name])
    .map((name) => `the ${name} ${is[name] ?? '(unknown)'} instead of ${was[name] ?? '(unknown)'}`);
}

/** The same-target check, asked with the settings as they are now. */
async function askGuardsAgain(context: StageContext, after: WordPressSettings): Promise<void> {
  const { site, hosts } = context;
  const [production, staging] = await Promise.all([hosts.productionApplication(), hosts.staging()]);
  const [trees] = await inOneGo([
    assertNotSameTree(production, site.production.path, staging, site.staging.path),
    askDatabasesAgain(context, after),
  ]);
  const overlap = trees.find(isErrorFinding);
  if (overlap !== undefined) throw new UnderstudyError('SETTINGS_CHANGED', overlap.message);
}

async function askDatabasesAgain(
  { site, hosts, database }: StageContext,
  after: WordPressSettings,
): Promise<void> {
  // A login that waits is one with these very words; its server, which it has not left, is asked anew.
  const { pool } = await database.staging();
  const access = { ...(await databaseAccessOf(site.staging, after, 'staging')), pool };
  const [theirs, ours] = await Promise.allSettled([
    hosts.productionDatabase().then(async (host) => openDatabase(host, await database.production(), {})),
    hosts.stagingDatabase().then((host) => openDatabase(host, access, {})),
  ]);
  try {
    if (theirs.status === 'rejected') throw theirs.reason;
    if (ours.status === 'rejected') throw ours.reason;
    await assertDifferentDatabase(theirs.value, ours.value, site);
  } finally {
    for (const side of [theirs, ours]) if (side.status === 'fulfilled') await side.value.close();
  }
}

/** The files that settings come from and that this cutover brought; where there is none, all they come from. */
async function culprits(context: StageContext, after: WordPressSettings): Promise<readonly string[]> {
  const { site, run, hosts } = context;
  const paths = after.included.flatMap((path) => pathInRoot(path, site.staging, after.realRoot) ?? []);
  const brought = await broughtFiles(await hosts.staging(), swapFolders(context, run.id), paths);
  return brought.length > 0
    ? brought.map((path) => `${path}, which this sync brought`)
    : after.included.map((path) => `${path} is one of the files that settings come from`);
}
