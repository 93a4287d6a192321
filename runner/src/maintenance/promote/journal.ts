import { writeCommand } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import { readHostFile, writeHostFile } from '../../hosts/host-files.js';
import { isRunId } from '../../run/run-id.js';
import { type ProductionInstance } from './instances.js';

/**
 * How far a promotion is; in this order. Written on every host before the step that it names begins.
 * - `copying`: files lie beside the live tree
 * - `page`: the maintenance page is on, or is being turned on; the database is being backed up
 * - `switching`: files change places
 * - `upgrading`: the database may have been changed; nothing else can write, so its backup may come back
 * - `restoring`: it does come back
 * - `open`: the page goes off; from here on the database is never put back by itself
 */
const PHASES = ['copying', 'page', 'switching', 'upgrading', 'restoring', 'open'] as const;
export type Phase = (typeof PHASES)[number];

/** On every host of production: what a killed promotion leaves for the next command. */
export interface PromotionJournal {
  readonly version: 1;
  readonly site: string;
  readonly run: string;
  readonly phase: Phase;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Whether the backup may be put back by itself (all tables are the site's). */
  readonly restorable: boolean;
}

const fileOf = (instance: ProductionInstance): string => `${instance.folder}/journal.json`;

export const writeJournal = (instance: ProductionInstance, journal: PromotionJournal): Promise<void> =>
  writeHostFile(instance.host, fileOf(instance), `${JSON.stringify(journal)}\n`);

export async function removeJournal(instance: ProductionInstance): Promise<void> {
  await instance.host.run(writeCommand('rm', '-f', '--', fileOf(instance)));
}

/** The open journal of a host. It supplies a run id and a phase, and no path. @throws PRODUCTION_NEEDS_REPAIR */
export async function readJournal(
  instance: ProductionInstance,
  site: string,
): Promise<PromotionJournal | undefined> {
  const refuse = (why: string): never => {
    throw new UnderstudyError('PRODUCTION_NEEDS_REPAIR', `${fileOf(instance)} cannot be used: ${why}.`, {
      host: instance.host.label,
      next: 'Look at the file; where no promotion is under way, remove it.',
    });
  };
  const bytes = await readHostFile(instance.host, fileOf(instance), { refuse });
  if (bytes === undefined) return undefined;
  const journal = parseJournal(bytes.toString('utf8'));
  return journal?.site === site ? journal : refuse(`it is no journal of ${site}`);
}

export function parseJournal(text: string): PromotionJournal | undefined {
  try {
    const { version, site, run, phase, startedAt, restorable } = JSON.parse(text) as Partial<
      Record<keyof PromotionJournal, unknown>
    >;
    const known = PHASES.find((one) => one === phase);
    return version === 1 &&
      typeof site === 'string' &&
      typeof run === 'string' &&
      isRunId(run) &&
      known !== undefined &&
      typeof startedAt === 'string' &&
      typeof restorable === 'boolean'
      ? { version, site, run, phase: known, startedAt, restorable }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The farthest of several. */
export const farthest = (phases: readonly Phase[]): Phase | undefined =>
  phases.toSorted((a, b) => PHASES.indexOf(b) - PHASES.indexOf(a))[0];
