import { readJournal } from '../cutover/journal/journal.js';
import { type Imported, readImported } from '../cutover/journal/imported.js';
import { type Definition } from '../database/leaks/definitions.js';
import { isActive } from '../database/restore/objects/schema-objects.js';
import { recover } from '../cutover/index.js';
import { type LeakReport } from '../database/leaks/find-leaks.js';
import { incomingSchema } from '../database/restore/schema-names.js';
import { addUp } from '../database/rewrite/tally.js';
import { rewriteDatabase, type RewriteDatabaseResult } from '../database/rewrite/rewrite-database.js';
import { inOneGo } from '../database/connection/in-one-go.js';
import { SessionShelf } from '../database/connection/session-shelf.js';
import { several, UnderstudyError } from '../errors/index.js';
import { type CountRow } from '../report/events/event-log.js';
import { createRewriter, type ReplacementPair } from '../rewrite/index.js';
import { dropTransients } from '../wordpress/sanitize/sanitize.js';
import { type CrawlReport } from '../wordpress/site/crawl.js';
import { WordPressSchema } from '../wordpress/sanitize/wordpress-schema.js';
import { deletePreserved } from './staging/preserved-rows.js';
import { sanitizeCopy, reportNotes } from './staging/sanitize-copy.js';
import { activationTools } from './staging/activation-tools.js';
import { clearAgain, cutOver, isInPlace, prepareCutOver } from './staging/cut-over.js';
import { readPages, verifyPages } from './proof/verify-pages.js';
import { proveSerialized, refuseLeaks, searchDatabase, sessionsOn, sitePairs } from './proof/leak-check.js';
import { folderPair } from './staging/folder-pair.js';
import { readConfigs } from './survey/site-layouts.js';
import { checkStagingConfig } from './staging/staging-config.js';
import { type Stage, type StageContext, type StageResult } from './stage.js';

/** Stage 6: production's addresses become staging's, the copy is sanitized, proven, and put in place. */
export const rewriteUrls: Stage = {
  name: 'rewrite-urls',
  label: 'Rewrite URLs',

  preflight: checkStagingConfig,

  async plan(context) {
    const { site } = context;
    return [
      ...(await allPairs(context)).map((pair) => `rewrite ${pair.from} → ${pair.to} (${pair.kind})`),
      `planned tasks ${site.staging.cron === 'off' ? 'off' : 'kept'}, search engines off, transients and sessions dropped`,
      `keep ${site.staging.keepUsers === 'administrators' ? "staging's administrators" : `${several(site.staging.keepUsers.length, 'user')}`} and ${several(site.staging.keepOptions.length, 'option')} of staging`,
      'search the copy for production addresses; then put it in place and read its pages',
    ];
  },

  async run(given) {
    const shelf = new SessionShelf();
    const context = { ...given, shelf };
    try {
      const copied = copiedSchema(context).then((schema) => lookAtCopy(context, schema));
      copied.catch(() => undefined);
      if (await isInPlace(context)) return await finishInPlace(context);
      return await copyAndCutOver(context, await copied);
    } finally {
      await shelf.close();
    }
  },

  async undo(context) {
    // After the cutover there is no journal, and nothing is undone: the new staging is up and whole.
    await recover(context, activationTools(context));
  },
};

/** Readers and writers of the rewriting; one more for what staging serves. */
const COPY_SESSIONS = 4;

/** What is asked of the copy at once, also of one that is in place already: then nobody waits for the answers. */
interface CopyAtHand {
  readonly schema: string;
  readonly isThere: Promise<void>;
  readonly imported: Promise<Imported>;
  readonly opened: Promise<WordPressSchema>;
}

async function lookAtCopy(context: StageContext, schema: string): Promise<CopyAtHand> {
  const live = (await context.database.staging()).name;
  const { access, open, prepare } = await sessionsOn(context, schema);
  prepare(COPY_SESSIONS);
  if (live !== schema) (await sessionsOn(context, live)).prepare(1);
  const isThere = assertCopied(context, schema);
  const opened = open().then((session) => WordPressSchema.open(session, schema, access.prefix));
  // Written by the import, and not changed by anything here.
  const imported = readImported(context);
  for (const each of [isThere, opened, imported]) each.catch(() => undefined);
  return { schema, isThere, imported, opened };
}

async function copyAndCutOver(
  context: StageContext,
  { schema, isThere, imported, opened }: CopyAtHand,
): Promise<StageResult> {
  const { use } = await sessionsOn(context, schema);
  // What there is to rewrite is looked up meanwhile. Where the copy is not there, nothing else that fails counts.
  const result = await rewriteCopy(context, schema, opened, isThere).catch(async (cause: unknown) => {
    await isThere;
    throw cause;
  });
  const copy = await opened;
  // Its session is the proofs' then.
  await use((session) => sanitizeCopy(context, copy.over(session)));
  context.reporter.step('Proving that nothing points to production');
  // What the cutover needs is no part of what staging serves before it: it is made while the proofs run.
  const [proof, prepared] = await inOneGo([
    prove(context, schema, result, imported),
    prepareCutOver(context, copy),
  ]);
  const metrics = {
    values: result.values,
    replacements: result.replacements,
    rewriteSeconds: round(result.seconds),
    proofSeconds: round(proof.seconds),
  };
  for (const [name, value] of Object.entries(metrics)) context.reporter.metric(name, value);
  // A session on what staging serves may belong to a page that is being made.
  await context.shelf?.close();
  let pages: Promise<CrawlReport | undefined> | undefined;
  const unproven = await cutOver(context, prepared, {
    imported: await imported,
    // What is pruned meanwhile is nothing that staging serves.
    onServed: () => {
      pages ??= readPages(context);
    },
  });
  const done = {
    summary: `${several(result.replacements, 'address', 'addresses')} in ${several(result.values, 'value')} rewritten, none of production's left`,
    outputs: { ...metrics, schema, columns: countsOf(result), expected: proof.expected.length },
  };
  return withPages(context, unproven, done, pages);
}

/** Both proofs at the same time: the second one is a row of short questions, each of which waits for its answer. */
async function prove(
  context: StageContext,
  schema: string,
  { serialized }: RewriteDatabaseResult,
  imported: Promise<Imported>,
): Promise<LeakReport> {
  const [leaks, broken] = await Promise.allSettled([
    imported.then(({ objects }) => searchDatabase(context, schema, madeLater(objects))),
    proveSerialized(context, schema, serialized),
  ]);
  if (leaks.status === 'rejected') throw leaks.reason;
  refuseLeaks(leaks.value);
  if (broken.status === 'rejected') throw broken.reason;
  return leaks.value;
}

/** Triggers and events, which the cutover makes: nothing in the copy may set them off before. */
const madeLater = (objects: Imported['objects']): Definition[] =>
  objects
    .filter(isActive)
    .map(({ kind, name, statement }) => ({ name, column: 'definition', part: kind, text: statement }));

/** A former process of this run was killed after the cutover: what is left to do is to look at the pages. */
async function finishInPlace(context: StageContext): Promise<StageResult> {
  context.reporter.step('The copy of this run is in place already');
  const unproven = await clearAgain(context);
  // PHP needs the account's sessions for the pages.
  await context.shelf?.close();
  const schema = (await context.database.staging()).name;
  return withPages(context, unproven, { summary: 'The copy was in place already', outputs: { schema } });
}

/** @param unproven outweighs what the pages show: whether the copy is harmless is not known */
async function withPages(
  context: StageContext,
  unproven: UnderstudyError | undefined,
  result: StageResult,
  pages = readPages(context),
): Promise<StageResult> {
  const [shown] = await inOneGo([verifyPages(context, pages), deletePreserved(context)]);
  if (unproven !== undefined && shown !== undefined)
    context.reporter.warn({ severity: 'warning', code: shown.code, message: shown.message });
  const found = unproven ?? shown;
  return found === undefined ? result : { ...result, found };
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100;

const countsOf = (result: RewriteDatabaseResult): Record<string, number> =>
  Object.fromEntries(
    [...result.counts].flatMap(([table, columns]) =>
      [...columns].map(([column, { values }]) => [`${table}.${column}`, values]),
    ),
  );

/** Changed values and single addresses by table, those with the most first. */
const rewrittenByTable = (result: RewriteDatabaseResult): CountRow[] =>
  [...result.counts]
    .map(([name, columns]) => {
      const sums = [...columns.values()].reduce((sum, column) => addUp(sum, column));
      return { name, values: [sums.values, sums.replacements] };
    })
    .filter(({ values: [values = 0] }) => values > 0)
    .sort((a, b) => (b.values[1] ?? 0) - (a.values[1] ?? 0));

/** Where production is still named on purpose, and why: the columns with the most mentions. */
const leftPlaces = (result: RewriteDatabaseResult): CountRow[] =>
  [...result.counts]
    .flatMap(([table, columns]) =>
      [...columns].flatMap(([column, { left }]) =>
        Object.entries(left).map(([reason, count]) => ({
          name: `${table}.${column}: ${reason}`,
          values: [count],
        })),
      ),
    )
    .filter(({ values: [count = 0] }) => count > 0)
    .sort((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0));

/** The record names the schema, but it is untrusted: only the live schema and the one beside it are accepted. */
async function copiedSchema(context: StageContext): Promise<string> {
  const live = (await context.database.staging()).name;
  const { schema, mode } = context.run.outputs('drop-database');
  const incoming = incomingSchema(live, context.run.id);
  if (schema === incoming && mode === 'swap') return incoming;
  if (schema === live && mode === 'replace') return live;
  throw new UnderstudyError('INTERNAL', 'The run record names a schema that is not one of this site.');
}

/** @throws CANNOT_RESUME where the imported copy is not what lies there any more */
async function assertCopied(context: StageContext, schema: string): Promise<void> {
  const live = (await context.database.staging()).name;
  if (schema === live) return assertReplacing(context, live);
  const { use } = await sessionsOn(context, live);
  const found = await use((session) =>
    session.query('SELECT 1 AS found FROM information_schema.tables WHERE table_schema = ? LIMIT 1', [
      schema,
    ]),
  );
  if (found.length > 0) return;
  throw startAgain(context, `The imported copy in ${schema} no longer exists.`);
}

/** Once the staging backup is back, the live schema is the former staging: it must not be rewritten. */
async function assertReplacing(context: StageContext, live: string): Promise<void> {
  const journal = await readJournal(context);
  if (journal?.kind === 'replace' && journal.run === context.run.id) return;
  throw startAgain(context, `${live} holds the former staging again, not the imported copy.`);
}

const startAgain = ({ site, run }: StageContext, why: string): UnderstudyError =>
  new UnderstudyError('CANNOT_RESUME', why, {
    next: `Import the backup of this run again: understudy stage import-database ${site.name} --run ${run.id}, then stage rewrite-urls.`,
  });

/** The pairs of the site file, and the folder of WordPress on each side, which plugins store in options. */
async function allPairs(context: StageContext): Promise<ReplacementPair[]> {
  const [production, staging] = await readConfigs(context);
  const folder = folderPair(production.wordpressFolder, staging.wordpressFolder);
  const pairs = sitePairs(context.site);
  const isDeclared = pairs.some((pair) => pair.kind === 'path' && pair.from === folder?.from);
  return folder === undefined || isDeclared ? pairs : [...pairs, folder];
}

async function rewriteCopy(
  context: StageContext,
  schema: string,
  opened: Promise<WordPressSchema>,
  isThere: Promise<void>,
): Promise<RewriteDatabaseResult> {
  const { site, reporter } = context;
  const { access, open } = await sessionsOn(context, schema);
  // Its session is the next one's then.
  const dropped = inOneGo([isThere, opened]).then(async ([, copy]) => {
    const { connection, prefix } = copy;
    const dropping = dropTransients(connection, { schema, prefix, opened: copy });
    reportNotes(context, [await dropping.finally(() => connection.close())]);
  });
  dropped.catch(() => undefined);
  const pairs = await allPairs(context);
  for (const { kind, from, to } of pairs.filter((pair) => pair.kind === 'url' || pair.kind === 'path'))
    reporter.step(`Rewriting ${kind === 'path' ? 'the folder ' : ''}${from} to ${to}`);
  const { base64, skip } = site.rewrite;
  const rewriter = createRewriter(pairs, { base64 });
  const result = await rewriteDatabase({
    schema,
    siteCharset: access.charset,
    rewriter,
    rules: { prefix: access.prefix, multisite: access.multisite, skip },
    open: () => open(),
    before: dropped,
    onProgress: reporter.progress,
    signal: context.signal,
  });
  for (const [reason, count] of Object.entries(rewriter.counts))
    if (count > 0 && reason !== 'values' && reason !== 'replacements')
      reporter.metric(`left: ${reason}`, count);
  reporter.counts('rewritten', rewrittenByTable(result));
  reporter.counts('left', leftPlaces(result));
  return result;
}
