import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { UnderstudyError } from '../errors/index.js';
import { isRunId } from '../run/run-id.js';
import { type Call, type WordDefinition } from './define-command.js';
import { parametersOf } from './parameters-of.js';

export const RUN_WORDS: WordDefinition = {
  name: 'what',
  about: 'name of the site, id of a run, or both; a site alone means its newest run',
  several: true,
  completes: 'site',
};

/**
 * A run as people name it: `acme`, `acme <run>` or `<run>`, whose site is then found in the workspace.
 * @throws USAGE
 */
export function namedRun(call: Call): { readonly site: string; readonly run: string | undefined } {
  const { words, globals, name } = call;
  const runs = words.filter(isRunId);
  const sites = words.filter((word) => !isRunId(word));
  if (runs.length > 1 || sites.length > 1)
    throw new UnderstudyError('USAGE', `Give one site and one run: understudy ${name} <site> <run>.`);
  const [run] = runs;
  const site = sites[0] ?? (run === undefined ? undefined : siteOfRun(globals.workspace, run));
  if (run !== undefined && site === undefined)
    throw new UnderstudyError('USAGE', `This machine does not know run ${run}.`, {
      next: `Name its site too: understudy ${name} <site> ${run}`,
    });
  return { site: parametersOf(name, site, {}).site, run };
}

const siteOfRun = (workspace: string, run: string): string | undefined =>
  (existsSync(workspace) ? readdirSync(workspace) : []).find((site) =>
    existsSync(path.join(workspace, site, run)),
  );
