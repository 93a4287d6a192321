import { several } from '../../errors/index.js';
import { type Site } from '../../config/site.js';
import { escapeHtml, htmlPage, pictureLink, writePage } from '../../report/page/html-page.js';
import { factList, link, listOf, outcomeBlock, section, timeTag } from '../../report/page/page-parts.js';
import { type RunWorkspace } from '../../run/workspace.js';
import { type CheckRun, failuresOf, sentenceOf } from '../checks/check-result.js';
import { checkTable } from './checks-part.js';

/** `checks.html` of `understudy check`; the machine's version is `checks.json` beside the pictures. */
export function writeCheckReport(
  workspace: RunWorkspace,
  site: Pick<Site, 'title'>,
  url: string,
  run: CheckRun,
): void {
  const failures = failuresOf(run);
  const headline =
    failures.length === 0
      ? `All ${several(run.pages.length, 'page')} are as they should be.`
      : `${several(failures.length, 'check')} of ${several(run.pages.length, 'page')} failed.`;
  const pictures = run.pictures.map(
    ({ path, file }) =>
      `<figure>${pictureLink(file, `${path} as it looks`, 400)}<figcaption>${escapeHtml(path)}</figcaption></figure>`,
  );
  writePage(
    workspace,
    'checks.html',
    htmlPage({
      title: `${site.title}: ${headline}`,
      kind: `Checks of ${run.name}`,
      heading: site.title,
      body: [
        outcomeBlock(failures.length === 0 ? 'good' : 'bad', headline, []),
        `<div class="card">${factList([
          ['Address', link(url)],
          ['When', timeTag(run.finishedAt)],
        ])}</div>`,
        section('What failed', listOf(failures.map(sentenceOf))),
        section('Pages', checkTable(run, url, true)),
        section('Not checked', listOf(run.notes)),
        section('Pictures', pictures.length === 0 ? '' : `<div class="side">${pictures.join('\n')}</div>`),
      ].join('\n'),
    }),
  );
}
