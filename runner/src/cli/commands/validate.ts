import { several } from '../../errors/index.js';
import { defineCommand } from '../define-command.js';

/** `understudy validate`: all site files, all problems, no host touched. */
export const validateCommand = defineCommand({
  name: 'validate',
  group: 'To begin',
  summary: 'check all site files; touches no host',
  examples: [
    { words: 'validate', about: 'every mistake in every file, by line' },
    { words: '--sites /srv/sites validate', about: 'the files of another folder' },
  ],
  data: { sites: 'name, type, production and staging address of every site' },
  run: async ({ globals, console }) => {
    const { configInvalid, loadSites } = await import('../../config/index.js');
    const { crowdedSchedules } = await import('../../jenkins/crowded-schedules.js');
    const { sites, problems } = await loadSites(globals.sites);
    if (problems.length > 0) throw configInvalid(problems);
    if (sites.length === 0) {
      const { UnderstudyError } = await import('../../errors/index.js');
      throw new UnderstudyError('SITES_FOLDER_EMPTY', `The folder ${globals.sites} holds no site file.`);
    }
    console.data({
      sites: sites.map(({ name, type, production, staging }) => ({
        name,
        type,
        production: production.url,
        staging: staging.url,
      })),
    });
    for (const site of sites)
      console.note(`✓ ${site.name}  ${site.type}  ${site.production.url} → ${site.staging.url}`);
    for (const crowd of crowdedSchedules(sites)) console.note(`! ${crowd}`);
    const summary = `${several(sites.length, 'site file')}, no problems`;
    console.line(summary);
    return { run: '', summary };
  },
});
