import { type Site } from '../../config/site.js';
import { servedMedia } from '../../content/rsync/filters.js';
import { addOwnFile } from '../../content/swap/add-own-file.js';
import { swapFolders } from '../../content/swap/open-file-swap.js';
import { cutover } from '../../cutover/index.js';
import { type CutoverTools } from '../../cutover/cutover-tools.js';
import { type Imported } from '../../cutover/journal/imported.js';
import { listGenerations } from '../../cutover/journal/generations.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ClearAnswer } from '../../wordpress/plugin/ask-plugin.js';
import { sameKernel } from '../../hosts/guard/same-tree.js';
import { clearCacheFolders, type ClearToken, clearToken } from '../../wordpress/site/caches.js';
import { WordPressSchema } from '../../wordpress/sanitize/wordpress-schema.js';
import { isShop, writeOption } from '../../wordpress/sanitize/sanitize.js';
import {
  blockedHttp,
  type BlockedHttp,
  type ReadThrough,
  MU_PLUGIN_NAME,
  muPluginText,
  STATE_OPTION,
} from '../../wordpress/plugin/mu-plugin.js';
import { activationTools } from './activation-tools.js';
import { bareAddress, sessionsOn, withScheme } from '../proof/leak-check.js';
import { mustUseFolder } from '../../wordpress/plugin/must-use-folder.js';
import { recordDatabase } from '../../wordpress/settings/recorded-database.js';
import { type PluginProof, provePlugin } from '../proof/prove-plugin.js';
import { readConfigs, layoutsOf, stagingLayout } from '../survey/site-layouts.js';
import { type StageContext } from '../stage.js';
import { verifySettings } from '../proof/verify-settings.js';
import { type SiteLayout } from '../../wordpress/site/site-layout.js';
import { type StagingContext } from '../../run/site-context.js';

/** Whether this very run's copy is served: a process was killed after the cutover, or a recovery went forwards. */
export async function isInPlace(context: StagingContext): Promise<boolean> {
  const [newest] = await listGenerations(context);
  return newest?.retiredBy === context.run.id;
}

/**
 * Changes nothing that staging serves; may be repeated. One session does, so that the proofs beside it have theirs.
 * @param copy the copy as it was looked at
 * @returns the token with which the plugin will be asked
 */
export async function prepareCutOver(context: StageContext, copy: WordPressSchema): Promise<ClearToken> {
  const token = clearToken(context.run.id);
  const host = await context.hosts.staging();
  const { workDir } = swapFolders(context, context.run.id);
  const { schema, prefix } = copy;
  const { use } = await sessionsOn(context, schema);
  const asking = use(async (session) => {
    const opened = copy.over(session);
    const [, shop] = await inOneGo([
      writeOption(opened, STATE_OPTION, token.state),
      isShop(session, { schema, prefix, opened }),
    ]);
    return shop;
  });
  await inOneGo([
    asking.then((shop) => addPlugin(context, shop)),
    recordDatabase(host, workDir, await context.database.staging()),
  ]);
  return token;
}

/**
 * Cutover, proofs, caches; what the proofs refuse is undone as a whole.
 * @param more what the caller knows already, and wants to know
 * @returns what could not be proven
 */
export async function cutOver(
  context: StageContext,
  token: ClearToken,
  more: Pick<CutoverTools, 'onServed'> & { readonly imported: Imported },
): Promise<UnderstudyError | undefined> {
  let proof: PluginProof = {};
  await cutover(context, {
    ...activationTools(context),
    ...more,
    proof: {
      pass: token.digest,
      verify: async () => {
        await verifySettings(context);
        // The copy brought the token with it.
        proof = await proveLive(context, token, true);
      },
    },
  });
  return finishProof(context, proof);
}

/** For a copy that a former process of this run put in place: caches may still be those of the former staging. */
export async function clearAgain(context: StageContext): Promise<UnderstudyError | undefined> {
  await clearCacheFolders(await context.hosts.staging(), await stagingLayout(context));
  return finishProof(context, await proveLive(context, clearToken(context.run.id)));
}

/** @param isArmed what staging serves knows the token already */
async function proveLive(context: StageContext, token: ClearToken, isArmed = false): Promise<PluginProof> {
  const live = (await context.database.staging()).name;
  let knows = isArmed;
  return provePlugin(context, token.token, async () => {
    if (!knows) await writeState(context, live, token);
    // Each answer uses it up.
    knows = false;
  });
}

async function finishProof(
  context: StageContext,
  { byRequest, unproven }: PluginProof,
): Promise<UnderstudyError | undefined> {
  if (byRequest !== undefined) warnOfWaysPast(context, byRequest);
  else
    context.reporter.warn({
      severity: 'warning',
      code: 'CACHES_NOT_CLEARED',
      message: 'OPcache of staging could not be reset by a request.',
      next: 'Reload php-fpm if OPcache does not look at file times. The object cache empties itself with the first page.',
    });
  return unproven;
}

async function writeState(context: StageContext, schema: string, token: ClearToken): Promise<void> {
  const { access, use } = await sessionsOn(context, schema);
  await use(async (session) =>
    writeOption(await WordPressSchema.open(session, schema, access.prefix), STATE_OPTION, token.state),
  );
}

/** Whom the copy may send to without asking: itself. On a machine that production shares, the machine's services are its too. */
async function ownHosts({ site, hosts }: StageContext): Promise<readonly string[]> {
  const [here, there] = await Promise.all([
    hosts.staging().then((host) => host.identity()),
    hosts.productionApplication().then((host) => host.identity()),
  ]);
  const sites = [site.staging.url, ...Object.values(site.rewrite.network)];
  return [
    ...new Set(sites.map((url) => new URL(withScheme(url)).hostname)),
    ...(sameKernel(here, there) ? [] : ['localhost', '127.0.0.1']),
  ];
}

/** Where the uploads of staging's sites lie on production. */
function readThrough(site: Site, layouts: readonly SiteLayout[]): ReadThrough {
  const { protocol } = new URL(site.production.url);
  const sites = [[site.production.url, site.staging.url] as const, ...Object.entries(site.rewrite.network)];
  return {
    folders: servedMedia({ ...site, layouts }),
    addresses: sites.map(([production, staging]) => ({
      staging: bareAddress(staging),
      production: withScheme(production, protocol).replace(/\/$/, ''),
    })),
  };
}

const HTTP_WORDS: Readonly<Record<BlockedHttp, string>> = {
  none: 'open',
  writes: 'reads only',
  all: 'foreign hosts blocked',
};

/** @param shop WooCommerce is active on a site of the copy */
async function addPlugin(context: StageContext, shop: boolean): Promise<void> {
  const { site, run, hosts, reporter, signal } = context;
  const blockHttp = blockedHttp(site.staging.blockHttp, shop);
  const text = muPluginText({
    run: run.id,
    cron: site.staging.cron,
    blockHttp,
    allowHttp: site.staging.allowHttp,
    ownHosts: await ownHosts(context),
    ...(site.content.mediaMode === 'read-through'
      ? { readThrough: readThrough(site, await layoutsOf(context)) }
      : {}),
  });
  const folder = mustUseFolder(site, ...(await readConfigs(context)));
  if (folder === undefined)
    throw new UnderstudyError(
      'OWN_FILE_NO_PLACE',
      `WordPress of staging loads must-use plugins from a folder outside of ${site.staging.path}.`,
    );
  reporter.step(`Adding ${folder}/${MU_PLUGIN_NAME} (outgoing HTTP: ${HTTP_WORDS[blockHttp]})`);
  const ends = {
    staging: await hosts.staging(),
    folders: swapFolders(context, run.id),
    signal,
    timeoutSeconds: site.run.stageTimeoutSeconds,
  };
  await addOwnFile(ends, reporter, `${folder}/${MU_PLUGIN_NAME}`, text);
}

/** What a plugin cannot close is said, with the line that closes it on the host. */
function warnOfWaysPast(
  { site, reporter }: StageContext,
  { mailProgram, closesCurl, mailer }: ClearAnswer,
): void {
  const warn = (message: string, next: string): void => {
    reporter.warn({ severity: 'warning', code: 'STAGING_CAN_SEND', message, next });
  };
  if (mailProgram !== '')
    warn(
      `Code that calls PHP's mail() past WordPress reaches ${mailProgram} on staging; no plugin can stop that.`,
      "Set sendmail_path = /bin/true in staging's php.ini (php-fpm: php_admin_value[sendmail_path] = /bin/true in the pool) and reload PHP.",
    );
  if (mailer !== '')
    warn(
      `${mailer} on staging defines wp_mail() before Understudy's plugin is loaded, so what it sends past PHPMailer is not stopped.`,
      'Look how it sends, and keep it from staging: content.exclude.',
    );
  if (!closesCurl && site.staging.blockHttp !== false)
    warn(
      'PHP of staging has putenv() disabled, so libraries that use cURL past WordPress can send.',
      'Remove putenv from disable_functions for staging, or close outgoing connections in its firewall.',
    );
}
