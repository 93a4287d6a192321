import type { Site } from '../config/site.js';
import { UnderstudyError } from '../errors/index.js';
import { type Call } from './define-command.js';
import { interruption } from './interruption.js';
import { type Outcome } from '../run/result.js';
import type { LookOptions } from '../pipelines/runs/show-run.js';

/**
 * One site for a command that only looks. It leaves `result.json` alone: what Jenkins reads there is how the last command
 * that did something ended.
 */
export async function lookAt(
  call: Call,
  name: string,
  look: (site: Site, options: LookOptions) => Promise<Outcome>,
): Promise<Outcome> {
  const { console, globals, reply } = call;
  reply.site = name;
  try {
    const { loadSite } = await import('../config/load/load-sites.js');
    const site = await loadSite(globals.sites, name);
    return await look(site, { console, signal: interruption(), workspace: globals.workspace });
  } catch (error) {
    throw error instanceof UnderstudyError ? error.about(name) : error;
  }
}
