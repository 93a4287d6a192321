import { listOf, mappingOf, textOf } from '../mapping.js';
import { siteHost, siteUrl } from '../formats/hosts.js';
import { absolutePath, normalizePath } from '../formats/paths.js';
import { type Format } from '../formats/text.js';
import { type Complaint } from '../problem.js';
import { type Rule } from './rule.js';

/** `a:4:`, `";s:4`, `i:5;`, `:4:{`: what serialize() writes around texts (var.c of PHP, php_var_serialize_intern). */
const SERIALIZED =
  /(^|[;{}])([aOCsSE]:\d+(:|$)|[bi]:-?\d+;|d:[-\d.E+]+;|N;|[rR]:\d+;)|";([sSaOCEbidrR]:|N;|})|:\d+:[{"]/;

const FORMAT_OF_KIND: Readonly<Record<string, Format>> = {
  url: siteUrl,
  host: siteHost,
  path: absolutePath,
};

/** Both ends of a pair are what its kind says, and differ. */
export const rewritePairs: Rule = (site) =>
  listOf(mappingOf(site.raw['rewrite'])['pairs']).flatMap((raw, index) => {
    const pair = mappingOf(raw);
    const path = ['rewrite', 'pairs', index];
    const kind = textOf(pair['kind']) ?? 'url';
    const complaints: Complaint[] = [];
    for (const end of ['from', 'to'] as const) {
      const text = textOf(pair[end]);
      const complaint = text === undefined ? undefined : FORMAT_OF_KIND[kind]?.(text);
      if (complaint !== undefined)
        complaints.push({ path: [...path, end], message: `The value ${complaint}.` });
      if (kind === 'text' && text !== undefined && SERIALIZED.test(text))
        complaints.push({
          path: [...path, end],
          message:
            'The value holds structure of serialized PHP: to replace it would break the values around it.',
          suggestion: 'write the text alone; lengths are corrected by themselves',
        });
    }
    // Those of addresses are compared as addresses: rules/url-map.ts.
    const isAddress = kind === 'url' || kind === 'host';
    const ends = [pair['from'], pair['to']].map((end) =>
      kind === 'path' ? normalizePath(String(end)) : end,
    );
    if (!isAddress && pair['from'] !== undefined && ends[0] === ends[1])
      complaints.push({ path, message: 'Both ends of the pair are the same.' });
    return complaints;
  });

const LEAVES_OUT = {
  structureOnly: 'would leave out the rows of every table',
  exclude: 'would leave out every table',
} as const;

/** `*`, `?*`, `*_*` and `<prefix>*` are every table of the site: staging would be empty. */
export const tablePatterns: Rule = (site) => {
  const prefixes = [site.production, site.staging].flatMap(
    ({ raw }) => textOf(mappingOf(raw['database'])['prefix']) ?? [],
  );
  const isEverything = (pattern: string): boolean =>
    /^[*?_]*\*[*?_]*$/.test(pattern) || prefixes.some((prefix) => pattern === `${prefix}*`);
  return Object.entries(LEAVES_OUT).flatMap(([key, does]) =>
    listOf(mappingOf(site.raw['database'])[key]).flatMap((pattern, index) =>
      typeof pattern === 'string' && isEverything(pattern)
        ? [{ path: ['database', key, index], message: `The pattern ${does}.`, suggestion: 'name the tables' }]
        : [],
    ),
  );
};
