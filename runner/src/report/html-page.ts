import { maskSecrets, shownText } from '../errors/index.js';

/** Text for HTML: secrets masked before anything is escaped, and nothing in it that lies. */
export const escapeHtml = (text: string): string =>
  shownText(maskSecrets(text)).replace(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);

export interface HtmlPage {
  /** Plain text. */
  readonly title: string;
  /** HTML; what stands in it as data went through {@link escapeHtml}. */
  readonly body: string;
  /** Rules of this page alone, after the common ones. */
  readonly style: string;
}

/**
 * One self-contained page. No script and no outside resource: Jenkins' content security policy would block them.
 * Inline styles are blocked there too, so every page also reads well without any.
 */
export const htmlPage = ({ title, body, style }: HtmlPage): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${COMMON}${style}</style></head><body>
${body}
</body></html>
`;

const COMMON =
  'body{font:16px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f23}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #d0d7de;vertical-align:top}' +
  '.number{text-align:right;white-space:nowrap}' +
  'p.good,p.bad{font-size:1.2rem;padding:.6rem 1rem;border-radius:.3rem}p.good{background:#dafbe1}p.bad{background:#ffebe9}' +
  '.error{border-left:4px solid #b3261e;padding:.1rem 1rem;background:#fff5f5;margin:1rem 0}';
