import { documentValidator, readDocument } from '../config/document-validator.js';
import { writeCommand } from '../commands/command.js';
import { generationOf, isIncomingSchema, oldSchema } from '../database/restore/schema-names.js';
import { UnderstudyError } from '../errors/index.js';
import { readHostFile, writeHostFile } from '../hosts/host-files.js';
import { type CutoverContext, stagingWorkDir } from './context.js';
import { type FileStep } from './file-swap.js';
import { type SchemaObject } from '../database/restore/schema-objects.js';
import { type TableSwap } from './table-swap.js';

/**
 * What is needed to finish or undo a change of staging that was killed half way. Written before the change begins,
 * removed when it is over; one at a time per site. Where the change stands is read from the database itself.
 */
export type Journal = SwapJournal | ReplaceJournal;

export interface SchemaDefaults {
  readonly charset: string;
  readonly collation: string;
}

interface JournalHead {
  readonly version: 1;
  readonly site: string;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** What the file half does when this change goes forwards. */
  readonly files?: FileStep;
  /** Whether the maintenance page covers it. */
  readonly page: boolean;
  /** What comes is not proven harmless yet: a recovery goes back. */
  readonly awaitsProof?: boolean;
}

export interface SwapJournal extends JournalHead {
  readonly kind: 'swap';
  readonly swap: TableSwap;
  /** Number of the generation that is being retired; its schema is `swap.outgoing`. */
  readonly generation: number;
  /** Number of the generation that comes back (rollback); undefined for a sync. */
  readonly restores?: number;
  readonly incomingObjects: readonly SchemaObject[];
  readonly outgoingObjects: readonly SchemaObject[];
  /** Default charset and collation of the schema that staging serves: before, and after. */
  readonly incomingDefaults: SchemaDefaults;
  readonly outgoingDefaults: SchemaDefaults;
}

export interface ReplaceJournal extends JournalHead {
  readonly kind: 'replace';
  readonly live: string;
  /** Backup folder with what staging served before, absolute. */
  readonly safety: string;
  readonly generation: number;
  readonly restores?: number;
  /** `filling`: the live schema is not complete; `cutover`: it is, and the rest goes forwards. */
  readonly phase: 'filling' | 'cutover';
  readonly incomingObjects: readonly SchemaObject[];
  /** Views, routines, triggers and events of what staging served before. */
  readonly outgoingObjects: readonly SchemaObject[];
}

const text = { type: 'string', maxLength: 4096 } as const;
const name = { type: 'string', minLength: 1, maxLength: 64 } as const;
const names = { type: 'array', items: name } as const;
export const runId = { type: 'string', pattern: '^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}$' } as const;
const generation = { type: 'integer', minimum: 1, maximum: 99999 } as const;
export const objectsSchema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['kind', 'name', 'settings', 'statement'],
    additionalProperties: false,
    properties: {
      kind: { enum: ['routine', 'view', 'trigger', 'event'] },
      name,
      settings: {
        type: 'array',
        items: {
          type: 'string',
          pattern:
            "^SET SESSION (sql_mode|character_set_client|collation_connection|time_zone) = '?[A-Za-z0-9_,+:/-]*'?$",
        },
      },
      statement: { type: 'string', pattern: '^(/\\*!?[0-9]* *)?[Cc][Rr][Ee][Aa][Tt][Ee]\\b' },
      encoding: { const: 'latin1' },
    },
  },
} as const;
export const fileStepSchema = {
  type: 'object',
  required: ['run', 'direction'],
  additionalProperties: false,
  properties: { run: runId, direction: { enum: ['apply', 'undo'] } },
} as const;
const word = { type: 'string', pattern: '^[A-Za-z0-9_]{1,64}$' } as const;
const defaults = {
  type: 'object',
  required: ['charset', 'collation'],
  additionalProperties: false,
  properties: { charset: word, collation: word },
} as const;
const head = {
  version: { const: 1 },
  site: text,
  run: runId,
  startedAt: text,
  files: fileStepSchema,
  page: { type: 'boolean' },
  awaitsProof: { type: 'boolean' },
  generation,
  restores: generation,
  incomingObjects: objectsSchema,
  outgoingObjects: objectsSchema,
} as const;
const headKeys = [
  'version',
  'site',
  'run',
  'startedAt',
  'page',
  'kind',
  'generation',
  'incomingObjects',
  'outgoingObjects',
];
const validate = documentValidator<Journal>({
  oneOf: [
    {
      type: 'object',
      required: [...headKeys, 'swap', 'incomingDefaults', 'outgoingDefaults'],
      additionalProperties: false,
      properties: {
        ...head,
        kind: { const: 'swap' },
        incomingDefaults: defaults,
        outgoingDefaults: defaults,
        swap: {
          type: 'object',
          required: ['live', 'incoming', 'outgoing', 'incomingTables', 'outgoingTables'],
          additionalProperties: false,
          properties: {
            live: name,
            incoming: name,
            outgoing: name,
            incomingTables: names,
            outgoingTables: names,
          },
        },
      },
    },
    {
      type: 'object',
      required: [...headKeys, 'live', 'safety', 'phase'],
      additionalProperties: false,
      properties: {
        ...head,
        kind: { const: 'replace' },
        live: name,
        safety: text,
        phase: { enum: ['filling', 'cutover'] },
      },
    },
  ],
});

/** What is needed to find the journal and to judge it. */
type JournalPlace = Pick<CutoverContext, 'site' | 'run' | 'hosts' | 'database'>;

const journalPath = (context: JournalPlace): string => `${stagingWorkDir(context)}/journal.json`;

/**
 * The open journal, or undefined. It lies on staging, so it is checked: its schemas must be the site's own and its
 * paths inside the work folder.
 * @throws JOURNAL_INVALID
 */
export async function readJournal(context: JournalPlace): Promise<Journal | undefined> {
  const expected = await expectation(context);
  const refuse = refusal(expected);
  const bytes = await readHostFile(await context.hosts.staging(), journalPath(context), { refuse });
  return bytes === undefined ? undefined : parseJournal(bytes.toString('utf8'), expected);
}

/** The one answer for a journal that cannot be used: which file, what that means, the command that goes on. */
const refusal =
  ({ site, workDir }: Expected) =>
  (why: string): never => {
    throw new UnderstudyError('JOURNAL_INVALID', `${workDir}/journal.json cannot be used: ${why}.`, {
      details: [
        'A change of staging may have been cut off, and only this file says how to end it.',
        'Staging keeps serving what it serves now. A new sync replaces all of it.',
      ],
      next: `understudy recover ${site} --set-aside-journal renames the file; then run: understudy sync ${site}`,
    });
  };

/**
 * For a journal that cannot be used: it gets another name in the same folder, and nothing waits for it any more.
 * @returns its new path; undefined where the journal can be used, or is not there
 * @throws whatever {@link readJournal} throws but JOURNAL_INVALID
 */
export async function setAsideJournal(context: JournalPlace): Promise<string | undefined> {
  try {
    await readJournal(context);
    return undefined;
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'JOURNAL_INVALID') throw error;
  }
  const aside = `${journalPath(context)}.invalid-${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
  const staging = await context.hosts.staging();
  await staging.run(writeCommand('mv', '-f', '--', journalPath(context), aside));
  return aside;
}

interface Expected {
  readonly site: string;
  readonly live: string;
  readonly workDir: string;
}

const expectation = async (context: JournalPlace): Promise<Expected> => ({
  site: context.site.name,
  live: (await context.database.staging()).name,
  workDir: stagingWorkDir(context),
});

/** Pure part of {@link readJournal}. */
export function parseJournal(content: string, expected: Expected): Journal {
  const refuse = refusal(expected);
  const journal = readDocument(Buffer.from(content), validate, refuse);
  if (journal.site !== expected.site) return refuse(`it belongs to ${journal.site}`);
  if (journal.kind === 'swap') {
    const { live, incoming, outgoing } = journal.swap;
    const own = (schema: string) =>
      isIncomingSchema(expected.live, schema) || generationOf(expected.live, schema) !== undefined;
    if (live !== expected.live || !own(incoming) || !own(outgoing) || incoming === outgoing)
      return refuse(
        `it names the schemas ${live}, ${incoming}, ${outgoing}, which are not all the site's own`,
      );
    if (outgoing !== oldSchema(expected.live, journal.generation))
      return refuse(`${outgoing} is not the schema of generation ${String(journal.generation)}`);
  } else {
    if (journal.live !== expected.live) return refuse(`it names the schema ${journal.live}`);
    if (journal.safety !== safetyFolder(expected.workDir, journal.generation))
      return refuse(`it names the folder ${journal.safety}, which is not the one of its generation`);
  }
  return journal;
}

/** Where replace mode keeps what staging served before; the only folder that a journal or a record may name. */
export const safetyFolder = (workDir: string, generation: number): string =>
  `${workDir}/safety/${String(generation)}`;

/** Durable before it returns. */
export async function writeJournal(context: CutoverContext, journal: Journal): Promise<void> {
  const content = `${JSON.stringify(journal)}\n`;
  // A journal that could not be read again would be worse than none: found out now, before anything is changed.
  parseJournal(content, await expectation(context));
  await writeHostFile(await context.hosts.staging(), journalPath(context), content);
}

export async function removeJournal(context: CutoverContext): Promise<void> {
  await (await context.hosts.staging()).run(writeCommand('rm', '-f', '--', journalPath(context)));
}
