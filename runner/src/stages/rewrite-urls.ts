import { cutover, recover, rollback } from '../cutover/index.js';
import { newSchema } from '../database/restore/schema-names.js';
import { rewriteDatabase, type RewriteDatabaseResult } from '../database/rewrite/rewrite-database.js';
import { UnderstudyError } from '../errors/index.js';
import { readHostFile, writeHostFile } from '../hosts/host-files.js';
import { createRewriter } from '../rewrite/index.js';
import {
  clearByRequest,
  clearCacheFolders,
  type ClearToken,
  clearToken,
  installMuPlugin,
} from '../wordpress/caches.js';
import { createHttpClient } from '../wordpress/http-client.js';
import { applyKept, captureKept, type KeptStaging, parseKept } from '../wordpress/hygiene-kept.js';
import { HygieneSchema } from '../wordpress/hygiene-schema.js';
import {
  dropTransients,
  type HygieneNote,
  isShop,
  makeHarmless,
  repairDigests,
  writeOption,
} from '../wordpress/hygiene.js';
import { MU_PLUGIN_FILE, muPluginText, STATE_OPTION } from '../wordpress/mu-plugin.js';
import { rewriteNetwork } from '../wordpress/multisite.js';
import {
  pageLeakError,
  proveSerialized,
  refuseLeaks,
  searchDatabase,
  searchPages,
  sessionsOn,
  sitePairs,
} from './leak-proof.js';
import { checkStagingConfig } from './staging-config.js';
import { type Stage, type StageContext } from './stage.js';

/** Stage 6: production's addresses become staging's, the copy is made harmless, proven, and put in place. */
export const rewriteUrls: Stage = {
  name: 'rewrite-urls',
  label: 'Rewrite URLs',
  changes: 'staging',

  preflight: checkStagingConfig,

  async plan({ site }) {
    return [
      ...sitePairs(site).map((pair) => `rewrite ${pair.from} → ${pair.to} (${pair.kind})`),
      `planned tasks ${site.staging.cron === 'off' ? 'off' : 'kept'}, search engines off, transients and sessions dropped`,
      `keep ${site.staging.keepUsers === 'administrators' ? "staging's administrators" : `${String(site.staging.keepUsers.length)} users`} and ${String(site.staging.keepOptions.length)} options of staging`,
      'search the copy for production addresses; then put it in place and read its pages',
    ];
  },

  async run(context) {
    const schema = await copiedSchema(context);
    const result = await rewriteCopy(context, schema);
    const token = clearToken(context.run.id);
    await cleanCopy(context, schema, token);
    context.reporter.step('Proving that nothing points to production');
    const proof = await searchDatabase(context, schema);
    refuseLeaks(proof);
    await proveSerialized(context, schema, result.serialized);
    const facts = {
      values: result.values,
      replacements: result.replacements,
      rewriteSeconds: round(result.seconds),
      proofSeconds: round(proof.seconds),
    };
    for (const [name, value] of Object.entries(facts)) context.reporter.fact(name, value);
    await goLive(context, schema, token);
    await judgePages(context);
    return {
      summary: `${String(result.replacements)} addresses in ${String(result.values)} values rewritten, none of production's left`,
      outputs: { ...facts, schema, columns: countsOf(result), expected: proof.expected.length },
    };
  },

  async undo(context) {
    await recover(context);
  },
};

const round = (seconds: number): number => Math.round(seconds * 100) / 100;

const countsOf = (result: RewriteDatabaseResult): Record<string, number> =>
  Object.fromEntries(
    [...result.counts].flatMap(([table, columns]) =>
      [...columns].map(([column, { values }]) => [`${table}.${column}`, values]),
    ),
  );

/** The record names the schema, but it is untrusted: only the live schema and the one beside it are accepted. */
async function copiedSchema(context: StageContext): Promise<string> {
  const live = (await context.database.staging()).name;
  const { schema, mode } = context.run.outputs('drop-database');
  if (schema === newSchema(live) && mode === 'swap') return newSchema(live);
  if (schema === live && mode === 'replace') return live;
  throw new UnderstudyError('INTERNAL', 'The run record names a schema that is not one of this site.');
}

async function rewriteCopy(context: StageContext, schema: string): Promise<RewriteDatabaseResult> {
  const { site, reporter } = context;
  const { access, open } = await sessionsOn(context, schema);
  const session = await open();
  try {
    tell(context, [await dropTransients(session, { schema, prefix: access.prefix })]);
  } finally {
    await session.close();
  }
  reporter.step(`Rewriting ${site.production.url} to ${site.staging.url}`);
  const { base64, skip } = site.rewrite;
  const rewriter = createRewriter(sitePairs(site), { base64 });
  const result = await rewriteDatabase({
    schema,
    siteCharset: access.charset,
    rewriter,
    rules: { prefix: access.prefix, multisite: access.multisite, skip },
    base64,
    open: () => open(),
    onProgress: reporter.progress,
    signal: context.signal,
  });
  for (const [reason, count] of Object.entries(rewriter.counts))
    if (count > 0 && reason !== 'values' && reason !== 'replacements')
      reporter.fact(`left: ${reason}`, count);
  return result;
}

const tell = (context: StageContext, notes: readonly HygieneNote[]): void => {
  for (const { what, rows } of notes) context.reporter.step(`${what}: ${String(rows)}`);
};

async function cleanCopy(context: StageContext, schema: string, token: ClearToken): Promise<void> {
  const { site } = context;
  const { access, open } = await sessionsOn(context, schema);
  const { prefix } = access;
  const { cron, scrub, keepOptions, keepUsers } = site.staging;
  const kept = await keptRows(context, schema);
  context.reporter.step('Making the copy harmless');
  const session = await open();
  try {
    if (access.multisite) {
      const network = await rewriteNetwork(session, site, { schema, prefix });
      tell(context, network.notes);
      if (network.unmapped.length > 0)
        context.reporter.warn({
          severity: 'warning',
          code: 'NETWORK_DOMAIN_MISMATCH',
          message: `No staging address for these sites of the network: ${network.unmapped.join(', ')}.`,
          next: 'Add them to rewrite.network in the site file.',
        });
    }
    tell(context, await repairDigests(session, { schema, prefix }));
    tell(context, await makeHarmless(session, { schema, prefix, cron, scrub }));
    tell(context, await applyKept(session, { schema, prefix, keepOptions, keepUsers }, kept));
    await writeOption(await HygieneSchema.open(session, schema, prefix), STATE_OPTION, token.state);
  } finally {
    await session.close();
  }
}

const keptFile = (context: Pick<StageContext, 'run'>): string => `${context.run.stagingFolder}/kept.json`;

async function keptRows(context: StageContext, schema: string): Promise<KeptStaging> {
  const live = (await context.database.staging()).name;
  if (schema !== live) return readKept(context);
  const bytes = await readHostFile(await context.hosts.staging(), keptFile(context));
  const kept = bytes === undefined ? undefined : parseKept(bytes.toString('utf8'));
  if (kept !== undefined) return kept;
  context.reporter.warn({
    severity: 'warning',
    code: 'HYGIENE_FAILED',
    message: "Staging's own options and users were not put aside before its database was dropped.",
    next: `They are in the safety dump; understudy rollback ${context.site.name} brings all of it back.`,
  });
  return { version: 1, existed: false, options: [], users: [], superAdmins: [] };
}

async function readKept(context: Pick<StageContext, 'site' | 'hosts' | 'database' | 'signal' | 'reporter'>) {
  const { name, prefix } = await context.database.staging();
  const { keepOptions, keepUsers } = context.site.staging;
  const session = await (await sessionsOn(context, name)).open();
  try {
    return await captureKept(session, { schema: name, prefix, keepOptions, keepUsers });
  } finally {
    await session.close();
  }
}

/** For stage 4 in replace mode, before it drops anything: puts aside what outlives the sync (mode 0600). */
export async function saveKept(context: StageContext): Promise<void> {
  await writeHostFile(
    await context.hosts.staging(),
    keptFile(context),
    JSON.stringify(await readKept(context)),
  );
}

async function goLive(context: StageContext, schema: string, token: ClearToken): Promise<void> {
  const { staging } = context.site;
  const { access, open } = await sessionsOn(context, schema);
  const session = await open();
  const shop = await isShop(session, { schema, prefix: access.prefix }).finally(() => session.close());
  const host = await context.hosts.staging();
  context.reporter.step(`Writing ${MU_PLUGIN_FILE}`);
  const text = muPluginText({
    run: context.run.id,
    cron: staging.cron,
    blockHttp: staging.blockHttp === 'auto' ? shop : staging.blockHttp,
    allowHttp: staging.allowHttp,
    stagingHost: new URL(staging.url).hostname,
  });
  await installMuPlugin(host, staging.path, `${context.run.stagingFolder}/incoming`, text);
  await cutover(context, { afterSwap: [() => clearCaches(context, token)] });
}

async function clearCaches(context: StageContext, token: ClearToken): Promise<void> {
  const { staging } = context.site;
  await clearCacheFolders(await context.hosts.staging(), staging.path);
  const why = await clearByRequest(
    await createHttpClient(staging.url, staging.http),
    staging.url,
    token.token,
  );
  if (why === undefined) return;
  context.reporter.warn({
    severity: 'warning',
    code: 'AFTER_CUTOVER_FAILED',
    message: `OPcache and object cache of staging could not be reset by a request: ${why}.`,
    next: 'The object cache empties itself with the first page. Reload php-fpm if OPcache does not look at file times.',
  });
}

async function judgePages(context: StageContext): Promise<void> {
  context.reporter.step('Reading the staging pages');
  const pages = await searchPages(context);
  context.reporter.fact('pagesRead', pages.read);
  const error = pageLeakError(pages, context.site);
  if (error === undefined) return;
  if (context.site.rewrite.onPageLeak === 'roll-back') {
    await rollback(context);
    throw new UnderstudyError('PAGE_LEAK_FOUND', `${error.message} The former staging was put back.`, {
      details: error.details,
      next: 'Add a rewrite pair for what is listed and start the build again.',
    });
  }
  throw error;
}
