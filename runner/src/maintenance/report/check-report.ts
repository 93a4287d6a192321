import { type Site } from '../../config/site.js';
import { escapeHtml, htmlPage, pictureLink, writePage } from '../../report/html-page.js';
import { type RunWorkspace } from '../../run/workspace.js';
import { type CheckRun, failuresOf, sentenceOf } from '../checks/check-result.js';

/** `checks.html` of `understudy check`; the machine's version is `checks.json` beside the pictures. */
export function writeCheckReport(workspace: RunWorkspace, site: Pick<Site, 'title'>, run: CheckRun): void {
  const failures = failuresOf(run);
  const items = (lines: readonly string[]): string =>
    lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
  const pictures = run.pictures.map(
    ({ path, file }) =>
      `<figure>${pictureLink(file, path, 400)}<figcaption>${escapeHtml(path)}</figcaption></figure>`,
  );
  writePage(
    workspace,
    'checks.html',
    htmlPage({
      title: `${site.title}: checks`,
      body: `<p class="${failures.length === 0 ? 'good' : 'bad'}"><strong>${failures.length === 0 ? 'GOOD: all checks pass.' : `NOT GOOD: ${String(failures.length)} checks fail.`}</strong></p>
<h1>${escapeHtml(site.title)}: checks of ${escapeHtml(run.name)}</h1><p>${escapeHtml(run.finishedAt)}</p>
${items(failures.map(sentenceOf))}
<h2>Pages</h2>${items(run.pages.map(({ path, why }) => `${path} (${why})`))}
${run.notes.length === 0 ? '' : `<h2>Not checked</h2>${items(run.notes)}`}
${pictures.join('\n')}`,
    }),
  );
}
