import { listOf, mappingOf, textOf } from '../mapping.js';
import { FORMATS } from '../formats/index.js';
import { type Complaint } from '../problem.js';
import { type Rule } from './rule.js';

const FORMAT_OF_KIND: Readonly<Record<string, string>> = {
  url: 'site-url',
  host: 'host-name',
  path: 'absolute-path',
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
      const complaint = text === undefined ? undefined : FORMATS[FORMAT_OF_KIND[kind] ?? '']?.(text);
      if (complaint !== undefined)
        complaints.push({ path: [...path, end], message: `The value ${complaint}.` });
    }
    // Those of addresses are compared as addresses: rules/url-map.ts.
    const isAddress = kind === 'url' || kind === 'host';
    if (!isAddress && pair['from'] !== undefined && pair['from'] === pair['to'])
      complaints.push({ path, message: 'Both ends of the pair are the same.' });
    return complaints;
  });
