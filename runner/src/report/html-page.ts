import { maskSecrets, shownText } from '../errors/index.js';

/** Text for HTML: secrets masked before anything is escaped, and nothing in it that lies. */
export const escapeHtml = (text: string): string =>
  shownText(maskSecrets(text)).replace(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

export interface HtmlPage {
  /** Plain text. */
  readonly title: string;
  /** HTML; what stands in it as data went through {@link escapeHtml}. */
  readonly body: string;
}

/** Lies beside every page: Jenkins' Content Security Policy allows a style sheet that is a file, and none in the page. */
const STYLE_FILE = 'report.css';

/** No script and no outside resource: Jenkins' policy would block them. */
export const htmlPage = ({ title, body }: HtmlPage): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><link rel="stylesheet" href="${STYLE_FILE}"></head><body>
${body}
</body></html>
`;

/**
 * A picture that opens when it is clicked. Its size is an attribute: without its style sheet the page is no wider either.
 * @param file path relative to the page; every part of it is escaped on its own
 * @param width pixels
 */
export function pictureLink(file: string, alt: string, width = 640): string {
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

/** Of all pages. Nothing is wider than the window: long words break, pictures shrink, tables become lists. */
const PAGE_STYLE = `body{font:16px/1.45 system-ui,sans-serif;max-width:70rem;margin:1.5rem auto;padding:0 1rem;color:#1b1f23;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #d0d7de;vertical-align:top}
.number{text-align:right;white-space:nowrap}
p.good,p.bad{font-size:1.2rem;padding:.6rem 1rem;border-radius:.3rem}
p.good{background:#dafbe1}
p.bad,tr.failed td.state{background:#ffebe9}
tr.look td.state{background:#fff8c5}
tr.complete td.state,tr.updated td.state{color:#116329}
tr.failed td.state,tr.aborted td.state,tr.rolled-back td.state{color:#b3261e;font-weight:600}
.error{border-left:4px solid #b3261e;padding:.1rem 1rem;background:#fff5f5;margin:1rem 0}
pre{white-space:pre-wrap;background:#f6f8fa;padding:.6rem}
dl{display:grid;grid-template-columns:minmax(0,max-content) minmax(0,1fr);gap:.1rem 1rem}
dd{margin:0}
figure{margin:1rem 0}
img{max-width:100%;height:auto;border:1px solid #d0d7de}
img.tall{max-height:24rem;object-fit:cover;object-position:top}
.pictures td{width:33%}
.pictures img{width:100%}
@media (max-width:40rem){
table,tbody,tr,td{display:block}
.pictures td{width:auto}
thead{display:none}
td{border:0;padding:.1rem 0}
tr{border-bottom:1px solid #d0d7de;padding:.5rem 0}
.number{text-align:left}
}
`;
