import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadSites, type LoadedSites } from '../../../src/config/load/load-sites.js';

/** Loads site files that are given as texts; file names in the answer are bare. */
export async function loadTexts(files: Readonly<Record<string, string>>): Promise<LoadedSites> {
  const folder = await mkdtemp(path.join(tmpdir(), 'understudy-sites-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
    const { sites, problems } = await loadSites(folder);
    return {
      sites,
      problems: problems.map((problem) => ({ ...problem, file: path.basename(problem.file) })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line per problem: `acme.yaml:3:12 staging.url: sentence → suggestion`. */
export async function problemLines(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { problems } = await loadTexts(files);
  return problems.map(
    ({ file, line, column, key, message, suggestion }) =>
      `${file}:${String(line)}:${String(column)} ${key === '' ? '' : `${key}: `}${message}${suggestion === undefined ? '' : ` → ${suggestion}`}`,
  );
}

export interface SideText {
  readonly url?: string;
  readonly ssh?: string;
  readonly path?: string;
  readonly more?: string;
}
const side = ({ url, ssh, path: folder, more }: Required<SideText>): string =>
  `{ url: ${url}, ssh: ${ssh}, path: ${folder}${more === '' ? '' : `, ${more}`} }`;

/** A good site file, one line per side, with what a case changes. */
export const siteText = (production: SideText = {}, staging: SideText = {}, rest = ''): string =>
  [
    'type: wordpress',
    `production: ${side({ url: 'https://www.acme.com', ssh: 'deploy@app.acme.net', path: '/var/www/acme', more: '', ...production })}`,
    `staging: ${side({ url: 'https://staging.acme.com', ssh: 'deploy@staging.acme.net', path: '/srv/acme/html', more: '', ...staging })}`,
    rest,
    '',
  ].join('\n');
