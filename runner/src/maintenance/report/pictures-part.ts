import { several } from '../../errors/index.js';
import { escapeHtml, pictureLink } from '../../report/page/html-page.js';
import { comparedPictures } from '../checks/check-result.js';
import { type ReportInput } from './verdict.js';

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
