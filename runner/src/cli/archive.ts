import { Command } from 'commander';
import { type FlagValues, readParameters, withSession } from './with-session.js';

/** `understudy archive <site>`: the promoted tree into the archive's folder (EFS). */
export function archiveCommand(): Command {
  return new Command('archive')
    .description('carry the promoted tree from staging into the archive (EFS), and prove it there')
    .argument('[site]', 'name of the site')
    .option('--run <id>', 'maintenance run; default: the newest that was promoted')
    .option(
      '--allow-deletions',
      'let this run delete more files of the archive than content.maxDeletePercent',
    )
    .option('--dry-run', 'show what would change, and change nothing')
    .action(async (site: string | undefined, flags: FlagValues, command: Command) => {
      const parameters = readParameters(site, flags);
      await withSession(command, parameters.site, async (session) => {
        const { archiveSite } = await import('../pipelines/archive.js');
        return archiveSite(session, parameters);
      });
    });
}
