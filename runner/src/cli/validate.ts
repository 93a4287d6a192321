import { Command } from 'commander';
import { globalOptions, standardConsole } from './with-session.js';

/** `understudy validate`: all site files, all problems, no host touched. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('check all site files; touches no host')
    .action(async (_flags: object, command: Command) => {
      const { configInvalid, loadSites } = await import('../config/index.js');
      const { sites: folder } = globalOptions(command);
      const { sites, problems } = await loadSites(folder);
      const console = standardConsole();
      if (problems.length > 0) throw configInvalid(problems);
      if (sites.length === 0) {
        const { UnderstudyError } = await import('../errors/index.js');
        throw new UnderstudyError('SITES_FOLDER_EMPTY', `The folder ${folder} holds no site file.`);
      }
      for (const site of sites)
        console.line(`✓ ${site.name}  ${site.type}  ${site.production.url} → ${site.staging.url}`);
      console.line(`${String(sites.length)} site files, no problems`);
    });
}
