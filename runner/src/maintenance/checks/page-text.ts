/** Reads pages as text. No HTML parser: what is asked here has to work on broken pages above all. */

const PHP_ERROR =
  /(?:<b>)?(Parse error|Fatal error|Recoverable fatal error|Warning|Notice|Deprecated)(?:<\/b>)?:\s+(.{1,400}?) in (?:<b>)?([^<>\n]{1,300}?)(?:<\/b>)? on line (?:<b>)?(\d+)/gs;
const DATABASE_ERROR = /<h1>Error establishing a database connection<\/h1>|WordPress database error:/i;
const CRITICAL_ERROR = /<body id="error-page">[\s\S]{0,400}wp-die-message/;

export interface PhpError {
  readonly level: 'fatal' | 'warning';
  /** One line, without the server's folders. */
  readonly text: string;
}

/** PHP's and WordPress' own error messages in a page. */
export function phpErrorsIn(page: string): PhpError[] {
  const errors = [...page.matchAll(PHP_ERROR)].map(([, kind = '', what = '', file = '', line = '']) =>
    phpError(kind, what, file, line),
  );
  if (DATABASE_ERROR.test(page)) errors.push({ level: 'fatal', text: 'WordPress reports a database error' });
  else if (errors.length === 0 && CRITICAL_ERROR.test(page))
    errors.push({ level: 'fatal', text: 'WordPress shows its error page' });
  return distinct(errors);
}

const phpError = (kind: string, what: string, file: string, line: string): PhpError => ({
  level: /error/i.test(kind) ? 'fatal' : 'warning',
  text: `PHP ${kind}: ${plain(what)} in ${shortFile(file)}:${line}`,
});

/** Errors in lines of a PHP log: `[time] PHP Fatal error:  … in /path/file.php on line 3`, or `…file.php:3`. */
export function phpErrorsInLog(lines: string): PhpError[] {
  const found = lines.split('\n').flatMap((line): PhpError[] => {
    const match =
      /PHP (Parse error|Fatal error|Recoverable fatal error|Warning|Notice|Deprecated):\s+(.*?) in (\S+?)(?: on line |:)(\d+)/.exec(
        line,
      );
    if (match === null) return /WordPress database error/.test(line) ? [databaseErrorIn(line)] : [];
    const [, kind = '', what = '', file = '', number = ''] = match;
    return [phpError(kind, what, file, number)];
  });
  return distinct(found);
}

const databaseErrorIn = (line: string): PhpError => ({
  level: 'warning',
  text: plain(line.replace(/^.*?(WordPress database error)/, '$1')),
});

const plain = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300);

/** From wp-content, wp-includes or wp-admin on: the same on every server. */
const shortFile = (file: string): string => /wp-(?:content|includes|admin)\/.*$/.exec(file)?.[0] ?? file;

const distinct = (errors: readonly PhpError[]): PhpError[] => [
  ...new Map(errors.map((error) => [error.text, error])).values(),
];

/** Style sheets, scripts and pictures that a page loads from its own host, without fragments; cache busters are kept. */
export function assetsIn(page: string, pageUrl: string): string[] {
  const found = new Set<string>();
  const text = page.replaceAll(/<!--[\s\S]*?-->/g, '');
  for (const [tag = ''] of text.matchAll(/<(?:link|script|img|source)\b[^>]*>/gi)) {
    const name = /^<(\w+)/.exec(tag)?.[1]?.toLowerCase();
    const isStyle = name === 'link' && /\brel\s*=\s*["']?[^"'>]*stylesheet/i.test(tag);
    const address = attribute(tag, name === 'link' ? 'href' : 'src');
    if (address !== undefined && (isStyle || name !== 'link')) found.add(address);
  }
  return [...found].flatMap((address) => {
    const url = absolute(address, pageUrl);
    return url?.host === new URL(pageUrl).host ? [url.href] : [];
  });
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  return value?.replaceAll('&amp;', '&').replaceAll('&#038;', '&').trim();
}

function absolute(address: string, from: string): URL | undefined {
  if (address === '' || /^(?:data|blob|javascript):/i.test(address)) return undefined;
  try {
    const url = new URL(address, from);
    url.hash = '';
    return /^https?:$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a page has the form. Understood without a browser: no selector (any form), `form`, `#id`, `.class`,
 * `form#id`, `form.class`. @returns undefined when the selector needs a browser
 */
export function hasForm(page: string, selector: string | undefined): boolean | undefined {
  const simple = /^(?:form)?(?:([#.])([A-Za-z0-9_-]+))?$/.exec(selector ?? 'form');
  if (simple === null) return undefined;
  const [, sign, name = ''] = simple;
  const forms = [...page.matchAll(/<form\b[^>]*>/gi)].map(([tag]) => tag);
  if (sign === undefined) return forms.length > 0;
  return forms.some((tag) =>
    sign === '#'
      ? attribute(tag, 'id') === name
      : (attribute(tag, 'class') ?? '').split(/\s+/).includes(name),
  );
}

/** The text that a person reads: without scripts, styles and tags, entities of the few signs decoded. */
export const readableText = (page: string): string =>
  page
    .replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&#8217;', '’')
    .replaceAll(/\s+/g, ' ');
