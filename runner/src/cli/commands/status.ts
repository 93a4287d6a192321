import { defineCommand } from '../define-command.js';
import { interruption } from '../interruption.js';

/** `understudy status`: all sites at a glance. */
export const statusCommand = defineCommand({
  name: 'status',
  group: 'Every day',
  summary: 'all sites at a glance: last run, age of the copy, result, versions, lock',
  words: [{ name: 'sites', about: 'names of sites; default: all', several: true, completes: 'site' }],
  examples: [
    { words: 'status', about: 'every site, asked from its staging host' },
    { words: 'status acme --json', about: 'one site, for a program' },
  ],
  data: {
    sites:
      'site, production, staging, run (as in understudy runs), copyFrom, rollbackAt, wordpress {production, staging}, openOnProduction, lock, problem {code, message, next}',
  },
  run: async ({ words, globals, console }) => {
    const { configInvalid, loadSite, loadSites } = await import('../../config/index.js');
    const named = await Promise.all(words.map((name) => loadSite(globals.sites, name)));
    const all = named.length > 0 ? { sites: named, problems: [] } : await loadSites(globals.sites);
    if (all.sites.length === 0 && all.problems.length > 0) throw configInvalid(all.problems);
    const files = new Set(all.problems.map(({ file }) => file));
    for (const file of files) console.line(`   ✗ ${file} has mistakes: understudy validate`);
    const { showStatus } = await import('../../pipelines/runs/status.js');
    return showStatus(all.sites, { console, signal: interruption(), workspace: globals.workspace });
  },
});
