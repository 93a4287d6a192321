import { shellScript } from '../../../commands/command.js';
import { UnderstudyError } from '../../../errors/index.js';
import { readHostFile } from '../../../hosts/host-files.js';
import { documentValidator } from '../../../config/schema/document-validator.js';
import * as json from '../../../config/schema/shapes.js';
import { type ProductionInstance } from './instances.js';

/** On every host of production: what a killed promotion or rollback leaves for the next command. */
const promotionJournal = json.openRecord({
  version: json.constant(2),
  site: json.siteName,
  run: json.runId,
  /** Random; the same on every host. */
  operation: json.textLike('^[0-9a-f]{16}$'),
  kind: json.oneOf('promotion', 'rollback', 'restore'),
  /** The code that every host is to end on. */
  goal: json.oneOf('tested', 'former'),
  /**
   * In this order; written on every host before the step that it names begins.
   * - `copying`: files lie beside the live tree
   * - `page`: the maintenance page is coming on; the database is being backed up
   * - `switching`: files change places
   * - `upgrading`: the database may have changed; nothing else writes, so its backup may come back
   * - `restoring`: it does come back
   * - `open`: the page goes off; the database is never put back by itself any more
   * - `ended`: the journal stays as the host's own record of what it serves
   */
  phase: json.oneOf('copying', 'page', 'switching', 'upgrading', 'restoring', 'open', 'ended'),
  /** Grows by one with every step: the highest of several hosts is the last decision. */
  step: json.whole(0, Number.MAX_SAFE_INTEGER),
  startedAt: json.time,
  /** Whether the backup may be put back by itself (all tables are the site's). */
  restorable: json.flag,
});
export type PromotionJournal = json.ShapeOf<typeof promotionJournal>;
export type Phase = PromotionJournal['phase'];
export type Goal = PromotionJournal['goal'];

const validate = documentValidator(promotionJournal);

const journalFile = (folder: string): string => `${folder}/journal.json`;

/** Bytes on each host's disk that forward steps leave alone, so that a full disk does not stop the way back. */
const SPARE_BYTES = 1_048_576;

/**
 * Arguments: folder, journal, `reserve` (make the spare), `spend` (where there is no room, the spare goes) or `keep`.
 * Temporary file, fsync, rename. What was written is read back: a full disk does not fail every write.
 */
const WRITE_JOURNAL = `umask 077
mkdir -p -- "$1" && cd -- "$1" || exit 1
write() {
  printf '%s\\n' "$1" 2>/dev/null > journal.tmp && [ "$(cat journal.tmp)" = "$1" ] &&
  { sync -- journal.tmp 2>/dev/null || sync; } && [ ! -d journal.json ] && mv -f -- journal.tmp journal.json
}
[ "$3" != reserve ] || [ -s spare ] || { head -c ${String(SPARE_BYTES)} /dev/zero > spare && sync spare; } || { rm -f spare; exit 1; }
write "$2" || { [ "$3" = spend ] && rm -f spare && write "$2"; } || { rm -f journal.tmp; exit 1; }`;

/** Argument: folder. Exit 3: there is no spare any more. */
const FREE_SPARE = 'cd -- "$1" && [ -e spare ] || exit 3; rm -f -- spare';

/** Makes room where a way back had none. @returns whether there was something to free */
export async function freeSpare({
  host,
  folder,
}: Pick<ProductionInstance, 'host' | 'folder'>): Promise<boolean> {
  const { code } = await host.run(shellScript('write', FREE_SPARE, [folder]), { allowedExitCodes: 'any' });
  return code === 0;
}

export async function writeJournal(
  { host, folder }: Pick<ProductionInstance, 'host' | 'folder'>,
  journal: PromotionJournal,
  spare: 'reserve' | 'spend' | 'keep',
): Promise<void> {
  const script = shellScript('write', WRITE_JOURNAL, [folder, JSON.stringify(journal), spare]);
  await host.run(script, { label: `write ${journalFile(folder)}` });
}

/** Where nothing can be written any more: a host without a journal takes part in no decision. */
export async function dropJournal({
  host,
  folder,
}: Pick<ProductionInstance, 'host' | 'folder'>): Promise<void> {
  await host.run(
    shellScript('write', 'cd -- "$1" 2>/dev/null || exit 0; rm -f -- journal.json spare', [folder]),
  );
}

/** The journal of a host. It supplies a run id and a phase, and no path. @throws PRODUCTION_NEEDS_REPAIR */
export async function readJournal(
  { host, folder }: Pick<ProductionInstance, 'host' | 'folder'>,
  site: string,
): Promise<PromotionJournal | undefined> {
  const refuse = (why: string): never => {
    throw new UnderstudyError('PRODUCTION_NEEDS_REPAIR', `${journalFile(folder)} cannot be used: ${why}.`, {
      host: host.label,
      next: 'Look at the file; where no promotion is under way, remove it.',
    });
  };
  const bytes = await readHostFile(host, journalFile(folder), { refuse });
  if (bytes === undefined) return undefined;
  const journal = parseJournal(bytes.toString('utf8'));
  return journal?.site === site ? journal : refuse(`it was not written by Understudy for ${site}`);
}

export function parseJournal(text: string): PromotionJournal | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return validate(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The last decision of an operation: the one with the highest step. */
export const latest = (journals: readonly PromotionJournal[]): PromotionJournal | undefined =>
  journals.toSorted((a, b) => b.step - a.step)[0];

/** `promotion of run X (switching)`, for people. */
export const describeJournal = ({ kind, run, phase }: PromotionJournal): string =>
  `${{ promotion: 'promotion', rollback: 'rollback of the promotion', restore: 'restore of code and database' }[kind]} of run ${run} (${phase})`;
