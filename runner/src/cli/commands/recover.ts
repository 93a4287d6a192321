import { Option } from 'commander';
import { type FlagValues } from '../parameters-of.js';
import { siteCommand } from '../site-command.js';

interface RecoverFlags extends FlagValues {
  readonly setAsideJournal?: true;
}

/** `understudy recover <site>`: ends a cutover or a promotion that was cut off. Every other command does the former first, too. */
export const recoverCommand = siteCommand<RecoverFlags>({
  name: 'recover',
  group: 'To repair',
  summary: 'finish or undo an interrupted cutover or promotion',
  options: [
    new Option('--set-aside-journal', 'rename a journal that cannot be read, so that a new sync can start'),
  ],
  examples: [
    { words: 'recover acme', about: 'staging complete again, the new copy or the former one' },
    { words: 'recover acme --set-aside-journal', about: 'when the journal can no longer be read' },
  ],
  needs: { databases: true, goesBack: true },
  work: async (session, { flags }) => {
    const { recoverNow, setJournalAside } = await import('../../pipelines/recovery/recover.js');
    return flags.setAsideJournal === true ? setJournalAside(session) : recoverNow(session);
  },
});
