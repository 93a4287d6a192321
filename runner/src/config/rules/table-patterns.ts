import { listOf, mappingOf, textOf } from '../mapping.js';
import { type Rule } from './rule.js';

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
