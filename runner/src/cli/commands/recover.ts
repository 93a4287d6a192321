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

/** `understudy rollback <site>`: staging serves the former generation again, files and database. */
export const rollbackCommand = siteCommand({
  name: 'rollback',
  group: 'Every day',
  summary: 'put the former generation of staging back, files and database',
  examples: [
    { words: 'rollback acme', about: 'what staging served before the last sync; once more: the way forward' },
    { words: 'rollback acme --yes', about: 'the same, without the question' },
  ],
  needs: { databases: true, goesBack: true },
  question: ({ staging }) => `Replace what ${staging.url} serves by what it served before the last sync?`,
  work: async (session) => (await import('../../pipelines/recovery/recover.js')).rollBack(session),
});

/** `understudy clean <site>`: removes what failed runs left, on staging and in production's own backup folder. */
export const cleanCommand = siteCommand({
  name: 'clean',
  group: 'To repair',
  summary: 'remove what failed runs left behind: incoming schemas, dumps, staged files, records',
  examples: [{ words: 'clean acme', about: 'free the space that failed runs still take' }],
  work: async (session) => (await import('../../pipelines/recovery/recover.js')).cleanUp(session),
});
