import { Command } from 'commander';
import { readParameters, withSession } from './with-session.js';

/** `understudy recover <site>`: ends a cutover or a promotion that was cut off. Every other command does the former first, too. */
export function recoverCommand(): Command {
  return new Command('recover')
    .description('finish or undo a cutover or a promotion that was cut off')
    .argument('[site]', 'name of the site')
    .option('--set-aside-journal', 'rename a journal that cannot be read, so that a new sync can start')
    .action(async (site: string | undefined, flags: { setAsideJournal?: true }, command: Command) => {
      const parameters = readParameters(site, {});
      await withSession(
        command,
        parameters.site,
        async (session) => {
          const { recoverNow, setJournalAside } = await import('../pipelines/recover.js');
          return flags.setAsideJournal === true ? setJournalAside(session) : recoverNow(session);
        },
        { databases: true, goesBack: true },
      );
    });
}
