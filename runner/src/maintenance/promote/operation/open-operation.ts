import { shellScript } from '../../../commands/command.js';
import { type Site } from '../../../config/site.js';
import { UnderstudyError, type ErrorFinding, type Finding } from '../../../errors/index.js';
import { type ProductionHost } from '../../../hosts/host.js';
import { describeJournal, parseJournal, type PromotionJournal } from './journal.js';

/** Arguments: document root, work folder. Prints the journal of the tree; nothing where there is none. */
const READ_JOURNAL = `tree=$(stat -L -c %i -- "$1/." 2>/dev/null) || exit 0
file=$2/promotion/tree-$tree/journal.json
[ ! -e "$file" ] || head -c 65536 -- "$file"`;

/**
 * What one host of production says of its last promotion or rollback; undefined where there was none. Reads only: for
 * commands that change nothing there. While an operation is open on one host, all others keep it open too.
 * @throws PRODUCTION_NEEDS_REPAIR when the file was not written by Understudy
 */
export async function lastOperation(
  host: ProductionHost,
  site: Pick<Site, 'name' | 'production'>,
): Promise<PromotionJournal | undefined> {
  const { stdout } = await host.run(shellScript('read', READ_JOURNAL, [site.production.path, host.workDir]), {
    label: 'look for an open promotion',
  });
  const text = stdout.toString('utf8');
  if (text === '') return undefined;
  const journal = parseJournal(text);
  if (journal?.site === site.name) return journal;
  throw new UnderstudyError(
    'PRODUCTION_NEEDS_REPAIR',
    'The journal of the last promotion was not written by Understudy for this site.',
    { host: host.label, next: 'Look at journal.json in the folders below promotion in production.workDir.' },
  );
}

/** An operation that has not ended: one that works now, or one that was cut off. */
export function openOperation(journal: PromotionJournal | undefined, host: string): ErrorFinding | undefined {
  if (journal === undefined || journal.phase === 'ended') return undefined;
  return {
    severity: 'error',
    code: 'PRODUCTION_OPEN',
    message: `The ${describeJournal(journal)} has not ended.`,
    host,
    next: `If no build is working on it: understudy promote ${journal.site} --recover.`,
  };
}

/** For preflight and doctor. */
export async function openOperationFindings(
  host: ProductionHost,
  site: Pick<Site, 'name' | 'production'>,
): Promise<readonly Finding[]> {
  const finding = openOperation(await lastOperation(host, site), host.label);
  return finding === undefined ? [] : [finding];
}
