import { cutover } from '../cutover/index.js';
import { listGenerations } from '../cutover/generations.js';
import {
  type ClearAnswer,
  clearByRequest,
  clearCacheFolders,
  type ClearToken,
  clearToken,
  installMuPlugin,
} from '../wordpress/caches.js';
import { createHttpClient } from '../wordpress/http-client.js';
import { HygieneSchema } from '../wordpress/hygiene-schema.js';
import { isShop, writeOption } from '../wordpress/hygiene.js';
import {
  blockedHttp,
  type BlockedHttp,
  MU_PLUGIN_FILE,
  muPluginText,
  STATE_OPTION,
} from '../wordpress/mu-plugin.js';
import { activationTools } from './activation-tools.js';
import { forgetKept } from './kept-rows.js';
import { sessionsOn } from './leak-proof.js';
import { type StageContext } from './stage.js';

/**
 * Whether this very run's copy is what staging serves: a process that was killed after the cutover, or a recovery that
 * went forwards, leaves it so.
 */
export async function isInPlace(context: StageContext): Promise<boolean> {
  const [newest] = await listGenerations(context);
  return newest?.retiredBy === context.run.id;
}

/**
 * The last act: the must-use plugin, the cutover, the caches. What needs a request comes after the cutover as a whole,
 * because a maintenance page that covers it would answer instead of the plugin.
 */
export async function goLive(context: StageContext, schema: string): Promise<void> {
  const token = clearToken(context.run.id);
  await writeState(context, schema, token);
  await installPlugin(context, schema);
  await cutover(context, activationTools(context));
  await resetByRequest(context, token);
  await forgetKept(context);
}

/** For a copy that a former process of this run put in place: caches may still be those of the former staging. */
export async function clearAgain(context: StageContext): Promise<void> {
  const token = clearToken(context.run.id);
  await writeState(context, (await context.database.staging()).name, token);
  await clearCacheFolders(await context.hosts.staging(), context.site.staging.path);
  await resetByRequest(context, token);
  await forgetKept(context);
}

async function writeState(context: StageContext, schema: string, token: ClearToken): Promise<void> {
  const { access, open } = await sessionsOn(context, schema);
  const session = await open();
  try {
    await writeOption(await HygieneSchema.open(session, schema, access.prefix), STATE_OPTION, token.state);
  } finally {
    await session.close();
  }
}

const HTTP_WORDS: Readonly<Record<BlockedHttp, string>> = {
  none: 'open',
  writes: 'reads only',
  all: 'foreign hosts blocked',
};

async function installPlugin(context: StageContext, schema: string): Promise<void> {
  const { staging } = context.site;
  const { access, open } = await sessionsOn(context, schema);
  const session = await open();
  const shop = await isShop(session, { schema, prefix: access.prefix }).finally(() => session.close());
  const blockHttp = blockedHttp(staging.blockHttp, shop);
  context.reporter.step(`Writing ${MU_PLUGIN_FILE} (outgoing HTTP: ${HTTP_WORDS[blockHttp]})`);
  const text = muPluginText({
    run: context.run.id,
    cron: staging.cron,
    blockHttp,
    allowHttp: staging.allowHttp,
    stagingHost: new URL(staging.url).hostname,
  });
  const incoming = `${context.run.stagingFolder}/incoming`;
  await installMuPlugin(await context.hosts.staging(), staging.path, incoming, text);
}

async function resetByRequest(context: StageContext, { token }: ClearToken): Promise<void> {
  const { url, http } = context.site.staging;
  const answer = await createHttpClient(url, http)
    .then((client) => clearByRequest(client, url, token))
    .catch((cause: unknown) => (cause instanceof Error ? cause.message : String(cause)));
  if (typeof answer !== 'string') {
    warnOfWaysPast(context, answer);
    return;
  }
  context.reporter.warn({
    severity: 'warning',
    code: 'AFTER_CUTOVER_FAILED',
    message: `OPcache and object cache of staging could not be reset by a request: ${answer}.`,
    next: 'The object cache empties itself with the first page. Reload php-fpm if OPcache does not look at file times.',
  });
}

/** What a plugin cannot close is said, with the line that closes it on the host. */
function warnOfWaysPast({ site, reporter }: StageContext, { mailProgram, closesCurl }: ClearAnswer): void {
  const warn = (message: string, next: string): void => {
    reporter.warn({ severity: 'warning', code: 'STAGING_CAN_SEND', message, next });
  };
  if (mailProgram !== '')
    warn(
      `Code that calls PHP's mail() past WordPress reaches ${mailProgram} on staging; no plugin can stop that.`,
      "Set sendmail_path = /bin/true in staging's php.ini (php-fpm: php_admin_value[sendmail_path] = /bin/true in the pool) and reload PHP.",
    );
  if (!closesCurl && site.staging.blockHttp !== false)
    warn(
      'PHP of staging has putenv() disabled, so libraries that use cURL past WordPress can send.',
      'Take putenv out of disable_functions for staging, or close outgoing connections in its firewall.',
    );
}
