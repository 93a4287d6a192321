import { SITE_NAME } from '../schema/shapes.js';
import { nearest } from '../suggest.js';

/** Words that the command line or Jenkins uses where a site's name may stand. */
const RESERVED = ['all', 'help', 'defaults', 'con', 'nul', 'aux', 'prn'];

/** What is wrong with the name of a site: it becomes a folder, a job and part of file names. */
export function siteNameComplaint(name: string): string | undefined {
  if (!new RegExp(SITE_NAME).test(name))
    return 'is no name for a site: at most 40 lower-case letters, digits, - and _, beginning with a letter or digit';
  return RESERVED.includes(name) ? 'is a word that Understudy uses itself' : undefined;
}

export type SiteFileName =
  | { readonly kind: 'site'; readonly name: string }
  | { readonly kind: 'wrong'; readonly message: string; readonly suggestion?: string }
  | { readonly kind: 'other' };

/** What a file in the sites folder is, by its name. Files of other kinds (SQL, notes) may lie there. */
export function classifyFileName(file: string): SiteFileName {
  if (file === '_defaults.yaml' || file.startsWith('.') || !/\.ya?ml$/i.test(file)) return { kind: 'other' };
  if (file.startsWith('_')) {
    const meant =
      nearest(file, ['_defaults.yaml']) === undefined
        ? 'names that begin with _ are not read'
        : 'write _defaults.yaml';
    return { kind: 'wrong', message: 'The file is not read.', suggestion: meant };
  }
  const name = file.replace(/\.ya?ml$/i, '');
  if (!file.endsWith('.yaml'))
    return {
      kind: 'wrong',
      message: 'The file is not read.',
      suggestion: `rename it to ${name.toLowerCase()}.yaml`,
    };
  const complaint = siteNameComplaint(name);
  return complaint === undefined
    ? { kind: 'site', name }
    : { kind: 'wrong', message: `The name of the file ${complaint}.` };
}
