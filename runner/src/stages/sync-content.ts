import { several } from '../errors/index.js';
import { compareTrees } from '../commands/rsync.js';
import { quoteWords } from '../commands/quote.js';
import { type ChangeList, filesOf, type NamedFile } from '../content/rsync/change-list.js';
import { type ContentOutcome } from '../content/rsync/compare-files.js';
import { type ContentEnds } from '../content/content-ends.js';
import { contentFilters, NEEDED_SETTINGS } from '../content/rsync/filters.js';
import { stayingLine } from '../content/settings/hold-back-settings.js';
import { swapFolders } from '../content/swap/open-file-swap.js';
import { contentFindings } from '../content/checks/preflight.js';
import { type Staying, travellingSettings } from '../content/swap/staying-files.js';
import { planSync, stageFiles, writeFilesAtOnce } from '../content/sync-files.js';
import { type OpenedRoute } from '../hosts/route/route.js';
import { type RecordedLists } from '../content/swap/recorded-lists.js';
import { type CountRow } from '../report/events/event-log.js';
import { formatBytes, formatCount } from '../report/format.js';
import { MOST_ROWS } from '../report/events/reporter.js';
import { hoursFindings, waitForQuiet } from './survey/production-limits.js';
import { sideMatchers } from './staging/side-secrets.js';
import { mediaFindings, mediaSentence } from './survey/media-survey.js';
import { type PlanLine, type Stage, type StageContext } from './stage.js';
import { proveForStage, stagingRouteOptions, withStagingRoute } from './survey/staging-route.js';
import { type SiteLayout } from '../wordpress/site/site-layout.js';
import { layoutsOf } from './survey/site-layouts.js';

/** Stage 1: production's files, beside staging's live tree; put in place at cutover. */
export const syncContent: Stage = {
  name: 'sync-content',
  label: 'Sync content',

  async preflight(context) {
    const own = async () => {
      const [[production, staging], layouts] = await Promise.all([bothHosts(context), layoutsOf(context)]);
      return contentFindings(context.site, production, staging, layouts);
    };
    // The route first: its proof takes longest.
    const route = proveForStage(context, stagingRouteOptions(context));
    const findings = await Promise.all([own(), route, mediaFindings(context)]);
    return [...hoursFindings(context), ...findings.flat()];
  },

  async run(context) {
    const { content, staging } = context.site;
    await waitForQuiet(context, await context.hosts.productionApplication());
    const outcome = await withStagingRoute(context, async (route) => {
      const ends = {
        ...(await contentEnds(context, route)),
        job: await jobOf(context),
      };
      return content.apply === 'immediate'
        ? writeFilesAtOnce(ends, context.reporter, {
            maxDeletePercent: content.maxDeletePercent,
            keepGenerations: staging.keepGenerations,
          })
        : stageFiles(ends, context.reporter, content.maxDeletePercent);
    });
    report(context, outcome);
    return { summary: summarise(outcome), outputs: outputs(context, outcome) };
  },

  async plan(context) {
    return withStagingRoute(context, async (route) => {
      const ends = await contentEnds(context, route);
      const outcome = await planSync(ends, context.reporter);
      return planLines(context, ends, outcome, await layoutsOf(context));
    });
  },
};

const bothHosts = ({ hosts }: StageContext) => Promise.all([hosts.productionApplication(), hosts.staging()]);

/** Under this name the next run finds what a killed one left on production. */
const jobOf = async ({ run, hosts }: StageContext) => ({
  name: `${run.id}-sync-content`,
  folder: (await hosts.productionApplication()).workDir,
});

async function contentEnds(context: StageContext, route: OpenedRoute): Promise<Omit<ContentEnds, 'job'>> {
  const { site, run, signal } = context;
  const [production, staging] = await bothHosts(context);
  const [here, there, matchers] = await Promise.all([
    production.identity(),
    staging.identity(),
    sideMatchers(context),
  ]);
  const folders = swapFolders(context, run.id);
  const isPlain = site.type !== 'wordpress';
  const travelling = isPlain ? await travellingSettings(staging, folders, matchers.staging, signal) : [];
  return {
    route,
    productionPath: site.production.path,
    productionLabel: production.label,
    staging,
    folders,
    filters: contentFilters({ ...site, layouts: await layoutsOf(context) }, travelling),
    settings: {
      host: production,
      production: matchers.production,
      foreign: matchers.foreign,
      needed: isPlain ? NEEDED_SETTINGS.filter((path) => !travelling.includes(path)) : [],
    },
    checksum: site.content.checksum,
    sameMachine: here.bootId !== '' && here.bootId === there.bootId,
    signal,
    timeoutSeconds: site.run.stageTimeoutSeconds,
  };
}

function report({ reporter }: StageContext, { changes, lists }: ContentOutcome): void {
  const { counts } = changes;
  reporter.metric('files on production', counts.production);
  reporter.metric('new files', counts.created);
  reporter.metric('changed files', counts.updated);
  reporter.metric('deleted files', lists.deleted);
  reporter.metric('bytes of new and changed files', counts.bytes);
  reporter.counts('folders', folderCounts(changes, lists));
  const rows = (files: readonly NamedFile[]): CountRow[] =>
    files.map(({ name, bytes }) => ({ name, values: [bytes] }));
  reporter.counts('newFiles', rows(changes.named.created), counts.created);
  reporter.counts('changedFiles', rows(changes.named.updated), counts.updated);
  const deleted = lists.deletedNames.map((name) => ({ name, values: [] }));
  reporter.counts('deletedFiles', deleted, lists.deleted);
}

/** New, changed and deleted files and bytes by folder, those with the most files first. */
function folderCounts(changes: ChangeList, { deletedIn }: RecordedLists): CountRow[] {
  const sums = new Map([...deletedIn].map(([folder, deleted]) => [folder, [0, 0, deleted, 0]]));
  for (const { folder, created, updated, bytes } of changes.topFolders(MOST_ROWS))
    sums.set(folder, [created, updated, deletedIn.get(folder) ?? 0, bytes]);
  const files = ([created = 0, updated = 0, deleted = 0]: readonly number[]): number =>
    created + updated + deleted;
  return [...sums]
    .map(([name, values]) => ({ name, values }))
    .sort((a, b) => files(b.values) - files(a.values) || (a.name < b.name ? -1 : 1));
}

const outputs = ({ site }: StageContext, { changes, lists }: ContentOutcome) => ({
  apply: site.content.apply,
  production: changes.counts.production,
  created: changes.counts.created,
  updated: changes.counts.updated,
  deleted: lists.deleted,
  kept: lists.kept,
  bytes: changes.counts.bytes,
});

function summarise({ changes, lists }: ContentOutcome): string {
  const { created, updated, bytes } = changes.counts;
  if (created + updated + lists.deleted === 0) return 'No file differs.';
  return `${formatCount(created)} new, ${formatCount(updated)} changed, ${several(lists.deleted, 'deleted file')} (${formatBytes(bytes)}).`;
}

/** A plan fits on a screen. */
const SHOWN_DELETED = 10;

function planLines(
  context: StageContext,
  ends: ContentEnds,
  outcome: ContentOutcome & Staying,
  layouts: readonly SiteLayout[],
): readonly PlanLine[] {
  const { site } = context;
  // Without what stands in the place of ssh, which says nothing to a person.
  const command = compareTrees({
    route: { remoteShell: undefined, remote: 'staging' },
    source: ends.productionPath,
    target: ends.folders.live,
    filters: ends.filters,
    all: false,
    checksum: site.content.checksum,
  });
  const { lists } = outcome;
  return [
    { detail: quoteWords(command.argv) },
    summarise(outcome),
    ...folderLines(outcome.changes),
    ...(lists.deleted > 0
      ? [
          `Deleted: ${lists.deletedNames.slice(0, SHOWN_DELETED).join(', ')}${lists.deleted > SHOWN_DELETED ? ', …' : ''}.`,
        ]
      : []),
    ...(lists.kept > 0
      ? [
          `${several(lists.kept, 'file that no sync brought stays', 'files that no sync brought stay')} on staging.`,
        ]
      : []),
    ...stayingLines(outcome),
    mediaSentence(context, layouts),
    { detail: `Never sent, never deleted: each side's own files, version control.` },
    site.content.apply === 'immediate'
      ? 'content.apply is immediate: rsync writes into the live tree, which is not protected against a failed run.'
      : `Files wait in ${context.run.stagingFolder}/incoming until the cutover.`,
  ];
}

const stayingLines = ({ files, onStaging }: Staying): readonly string[] => [
  ...(files.length > 0 ? [`Stay on production as its settings: ${files.map(stayingLine).join(', ')}.`] : []),
  ...onStaging.map((line) => `The sync stops, because staging has production's settings: ${line}.`),
];

const folderLines = (changes: ChangeList): readonly string[] =>
  changes
    .topFolders(5)
    .map(
      (sums) =>
        `  ${sums.folder}: ${several(filesOf(sums), 'new or changed file')}, ${formatBytes(sums.bytes)}`,
    );
