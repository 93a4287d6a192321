import type { Site } from '../config/site.js';
import { type Call, type Outcome } from './define-command.js';
import { interruption } from './interruption.js';

/**
 * One site for a command that only looks. It leaves `result.json` alone: what Jenkins reads there is how the last command
 * that did something ended.
 */
export async function lookAt(
  call: Call,
  name: string,
  look: (
    site: Site,
    options: { readonly console: Call['console']; readonly signal: AbortSignal; readonly workspace: string },
  ) => Promise<Outcome>,
): Promise<Outcome> {
  const { loadSite } = await import('../config/load-sites.js');
  call.reply.site = name;
  const site = await loadSite(call.globals.sites, name);
  return look(site, {
    console: call.console,
    signal: interruption(),
    workspace: call.globals.workspace,
  });
}
