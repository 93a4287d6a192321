import { escapeMarkup } from '../../basics/escape-markup.js';
import { maskSecrets, shownText } from '../../errors/index.js';
import { PAGE_STYLE } from './page-style.js';

/** Text for HTML: secrets masked before anything is escaped, and nothing in it that lies. */
export const escapeHtml = (text: string): string => escapeMarkup(shownText(maskSecrets(text)));

export interface HtmlPage {
  /** Plain text. */
  readonly title: string;
  /** What kind of page it is, plain text: `Sync report`. */
  readonly kind: string;
  /** Plain text: the site, or what the page is of. */
  readonly heading: string;
  /** HTML; what stands in it as data went through {@link escapeHtml}. */
  readonly body: string;
  /** HTML; what a reader needs last. */
  readonly foot?: string;
}

/** Lies beside every page: Jenkins' Content Security Policy allows a style sheet that is a file, and none in the page. */
const STYLE_FILE = 'report.css';

/**
 * No script and no outside resource: Jenkins' policy would block them. The style stands in the page too: a page that is
 * mailed without its folder looks right. Jenkins' policy skips that copy and takes the file.
 */
export const htmlPage = ({ title, kind, heading, body, foot = '' }: HtmlPage): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${STYLE_FILE}"><style>${PAGE_STYLE}</style></head><body>
<header><p class="kind">${escapeHtml(kind)}</p><h1>${escapeHtml(heading)}</h1></header>
<main>
${body}
</main>
<footer>${foot === '' ? '' : `<p>${foot}</p>`}<p>Made by Understudy.</p></footer>
</body></html>
`;

/**
 * A picture that opens when it is clicked. Its size is an attribute: without its style sheet the page is no wider either.
 * @param file path relative to the page; every part of it is escaped on its own
 * @param width pixels
 */
export function pictureLink(file: string, alt: string, width: number): string {
  const address = escapeHtml(file.split('/').map(encodeURIComponent).join('/'));
  return `<a href="${address}"><img class="tall" src="${address}" alt="${escapeHtml(alt)}" width="${String(width)}" loading="lazy"></a>`;
}

/** Writes a page, and the style sheet beside it. */
export function writePage(
  place: { write(name: string, text: string): void },
  name: string,
  html: string,
): void {
  place.write(STYLE_FILE, PAGE_STYLE);
  place.write(name, html);
}
