import { several } from '../../../errors/index.js';
import { runStrip } from '../../../report/page/bars.js';
import { formatAge, formatSeconds } from '../../../report/format.js';
import { escapeHtml, htmlPage } from '../../../report/page/html-page.js';
import { localTime, timeOfRun } from '../../../report/page/local-time.js';
import {
  factList,
  link,
  listOf,
  outcomeBlock,
  timeTag,
  type Weight,
  weightWord,
} from '../../../report/page/page-parts.js';
import { STATE_LOOK } from '../../../report/labels.js';
import { type SiteOverview } from '../../../run/site-overview.js';
import { nextInShort, scheduleWords } from '../schedule/schedule-words.js';

/** Seconds after which a copy is called old. */
const OLD = 35 * 86_400;

/** What a site needs, the most urgent first: its colour, and the words for one and for several. */
const NEEDS = {
  help: ['bad', 'needs you', 'need you'],
  look: ['look', 'to look at', 'to look at'],
  decision: ['note', 'waits for a decision', 'wait for a decision'],
  nothing: ['note', 'has notes', 'have notes'],
  good: ['good', 'is good', 'are good'],
} as const satisfies Readonly<Record<string, readonly [Weight, string, string]>>;
type Need = keyof typeof NEEDS;
const ORDER = Object.keys(NEEDS) as Need[];

function needOf({ weight, lock }: SiteOverview): Need {
  if (weight === 'note') return lock === '' ? 'nothing' : 'decision';
  return weight === 'bad' ? 'help' : weight;
}

function stateOf(site: SiteOverview): string {
  const [weight, word] = NEEDS[needOf(site)];
  return weightWord(weight, word.replace(/^is /, ''));
}

/** Those first that need a person, then those with the oldest copy. */
export const sortedSites = (sites: readonly SiteOverview[]): SiteOverview[] =>
  sites.toSorted(
    (a, b) =>
      ORDER.indexOf(needOf(a)) - ORDER.indexOf(needOf(b)) ||
      a.copyOf.localeCompare(b.copyOf) ||
      a.site.localeCompare(b.site),
  );

/** `5 sites: 1 needs you (beta), 4 are good.` */
export function overviewSentence(sites: readonly SiteOverview[]): string {
  const parts = ORDER.flatMap((need) => {
    const names = sites.filter((site) => needOf(site) === need).map(({ site }) => site);
    if (names.length === 0) return [];
    const [, one, many] = NEEDS[need];
    const count = several(names.length, one, many);
    if (need === 'good') return [count];
    return [`${count} (${names.length > 5 ? `${names.slice(0, 5).join(', ')} …` : names.join(', ')})`];
  });
  return `${several(sites.length, 'site')}: ${parts.join(', ') || 'nothing is known of them'}.`;
}

/** All sites on one page. @param unknown names of sites of which no run is known */
export function renderOverview(
  sites: readonly SiteOverview[],
  unknown: readonly string[],
  now: Date,
): string {
  const sorted = sortedSites(sites);
  const weight = sorted[0]?.weight ?? 'note';
  const sentence = overviewSentence(sites);
  return htmlPage({
    title: sentence,
    kind: 'Understudy',
    heading: 'All sites',
    body: [
      outcomeBlock(weight, sentence, [timeTag(now.toISOString())]),
      ...(sorted.length === 0 ? [] : [siteTable(sorted, now)]),
      ...sorted.map((site) => siteCard(site, now)),
      ...(unknown.length === 0
        ? []
        : [`<section class="card"><h2>No run is known</h2>${listOf(unknown)}</section>`]),
    ].join('\n'),
  });
}

function ageOf(copyOf: string, now: Date): string {
  if (copyOf === '') return 'unknown';
  return formatAge((now.getTime() - Date.parse(copyOf)) / 1000);
}

const isOld = (copyOf: string, now: Date): boolean =>
  copyOf !== '' && now.getTime() - Date.parse(copyOf) > OLD * 1000;

function siteTable(sites: readonly SiteOverview[], now: Date): string {
  const rows = sites.map((site) => {
    const { copyOf, updates } = site;
    const count = (updates?.waiting.length ?? 0) + (updates?.open.length ?? 0);
    return `<tr><th scope="row"><a href="#${escapeHtml(site.site)}">${escapeHtml(site.title)}</a></th><td>${stateOf(site)}</td><td class="number">${escapeHtml(ageOf(copyOf, now))}</td><td class="wide-only">${strip(site)}</td><td class="wide-only">${escapeHtml(nextInShort(site.schedule, now))}</td><td class="number wide-only">${count === 0 ? '' : String(count)}</td></tr>`;
  });
  return `<div class="card"><table><caption>Those first that need a person, then those with the oldest copy.</caption><thead><tr><th scope="col">Site</th><th scope="col">State</th><th scope="col" class="number">Copy</th><th scope="col" class="wide-only">Last runs</th><th scope="col" class="wide-only">Next</th><th scope="col" class="number wide-only">Updates</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function strip({ runs }: SiteOverview): string {
  if (runs.length === 0) return '';
  const word = (state: string): string => STATE_LOOK[state]?.[1] ?? state;
  const columns = runs.toReversed().map(({ run, state, seconds }) => ({
    colour:
      state === 'complete' ? ('bar' as const) : state === 'failed' ? ('bad' as const) : ('rest' as const),
    title: `${localTime(timeOfRun(run))}: ${word(state)}, ${formatSeconds(seconds)}`,
  }));
  return runStrip(
    columns,
    `Last runs, oldest first: ${runs
      .toReversed()
      .map(({ state }) => word(state))
      .join(', ')}`,
  );
}

function siteCard(site: SiteOverview, now: Date): string {
  const { weight, headline, next, copyOf, wordpress, updates, warnings } = site;
  const old = isOld(copyOf, now) ? `, ${weightWord('look', 'old')}` : '';
  const metrics = factList([
    ['Copy', copyOf === '' ? '' : `${timeTag(copyOf)}, ${escapeHtml(ageOf(copyOf, now))} old${old}`],
    ['Last runs', strip(site)],
    ['Production', link(site.production)],
    ['Staging', link(site.staging)],
    ['WordPress', wordpress === undefined ? '' : escapeHtml(versions(wordpress))],
    ['Updates', updates === undefined ? '' : escapeHtml(updates.verdict)],
    ['Not on production yet', (updates?.waiting ?? []).map(escapeHtml).join('<br>')],
    ['Not made', (updates?.open ?? []).map(escapeHtml).join('<br>')],
    ...scheduleWords(site.schedule, now).map(([name, words]) => [name, escapeHtml(words)] as const),
    ['Lock', escapeHtml(site.lock)],
    ['Build', site.build === '' ? '' : link(site.build, 'open')],
  ]);
  const warned = warnings.length === 0 ? '' : `<h3>Warnings that stay</h3>${listOf(warnings)}`;
  const todo = next === '' ? '' : `<p><strong>Do this:</strong> ${escapeHtml(next)}</p>`;
  const more = weight === 'good' ? `<details><summary>More</summary>${metrics}</details>` : metrics;
  return `<section class="card" id="${escapeHtml(site.site)}"><h2>${escapeHtml(site.title)}</h2><p>${stateOf(site)}</p><p>${escapeHtml(headline)}</p>${todo}${more}${warned}</section>`;
}

const versions = ({ production, staging }: NonNullable<SiteOverview['wordpress']>): string =>
  production === staging
    ? production
    : `${production || 'unknown'} on production, ${staging || 'unknown'} on staging`;
