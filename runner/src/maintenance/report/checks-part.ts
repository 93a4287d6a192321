import { several } from '../../errors/index.js';
import { escapeHtml, pictureLink } from '../../report/page/html-page.js';
import { listOf, link, numbers, weightWord } from '../../report/page/page-parts.js';
import { addressOf } from '../checks/check-page.js';
import {
  type CheckResult,
  type CheckRun,
  failuresOf,
  newFailures,
  sentenceOf,
  comparedPictures,
} from '../checks/check-result.js';
import { type ReportInput } from './verdict.js';

/** What fails since the updates, what failed before them too, and every page with its answer. */
export function checksPart({ record, baseline, final, url }: ReportInput): string {
  const worse = newFailures(final, baseline);
  const ids = new Set(worse.map(({ id }) => id));
  const known = failuresOf(final).filter(({ id }) => !ids.has(id));
  const counts = record.checks;
  return [
    counts === undefined
      ? '<p>The site was not checked after the updates.</p>'
      : numbers([
          [String(final.pages.length), 'pages'],
          [String(counts.passed), 'checks passed'],
          [String(counts.failed), 'failed'],
          [String(counts.skipped), 'could not be made'],
        ]),
    failureList('Fails since the updates', worse),
    failureList('Failed before the updates already', known),
    checkTable(final, url),
  ].join('');
}

const failureList = (title: string, results: readonly CheckResult[]): string =>
  results.length === 0 ? '' : `<h3>${title}</h3>${listOf(results.map(sentenceOf))}`;

/** Every page: its address, what it answered, how long it took, and what of it failed. */
export function checkTable({ pages, results }: CheckRun, url: string, isOpen = false): string {
  if (pages.length === 0) return '';
  const rows = pages.map(({ path, why }) => {
    const own = results.filter((result) => result.path === path);
    const said = (kind: CheckResult['kind']): string => own.find((one) => one.kind === kind)?.message ?? '';
    const failed = own.filter(({ state }) => state === 'failed').length;
    const state =
      failed > 0
        ? weightWord('bad', `${String(failed)} failed`)
        : weightWord('good', several(own.filter(({ state }) => state === 'passed').length, 'check'));
    const answer = [said('page').replace('answered with ', ''), said('time').replace('took ', '')];
    return `<tr><th scope="row">${link(addressOf(url, path), path)} <span class="soft small wide-only">${escapeHtml(why)}</span></th><td>${escapeHtml(answer.filter(Boolean).join(', '))}</td><td>${state}</td></tr>`;
  });
  return `<details${isOpen ? ' open' : ''}><summary>All ${several(pages.length, 'page')}</summary><table><caption>What each page answered, after what time, and how many of its checks passed or failed.</caption><thead><tr><th scope="col">Page</th><th scope="col">Answer</th><th scope="col">Checks</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></details>`;
}

const figure = (file: string, caption: string, alt: string, width: number): string =>
  `<figure>${pictureLink(file, alt, width)}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;

/** Before, after and difference of one page that an update changed, cropped to where they differ. */
export function comparedPart(what: string, difference: string): string {
  const name = (difference.split('/').at(-1) ?? '').split('.')[0] ?? '';
  const pictures = comparedPictures(difference);
  const grid = pictures.length === 3 ? 'side' : 'side one';
  return `<div class="${grid}">${pictures
    .map(([caption, file]) =>
      figure(file, `${caption}: page “${name}”`, `${name}, ${caption.toLowerCase()}, ${what}`, 420),
    )
    .join('')}</div>`;
}

/** Before and after of every page, small; the pictures themselves are a click away. */
export function pagesPart({ baseline, final }: ReportInput): string {
  const before = new Map(baseline.pictures.map(({ path, file }) => [path, file]));
  const pages = final.pictures.map(({ path, file }) => {
    const old = before.get(path);
    const compared = final.results.find(({ kind, path: where }) => kind === 'picture' && where === path);
    return `<h3>${escapeHtml(path)}</h3><p class="soft small">${escapeHtml(compared?.message ?? '')}</p><div class="side two">${old === undefined ? '' : figure(old, 'Before', `${path} before the updates`, 560)}${figure(file, 'After', `${path} after the updates`, 560)}</div>`;
  });
  return pages.length === 0
    ? ''
    : `<details><summary>Pictures of ${several(pages.length, 'page')}</summary>${pages.join('\n')}</details>`;
}
