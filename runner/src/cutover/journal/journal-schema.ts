import { documentValidator } from '../../config/schema/document-validator.js';
import { type SchemaObject } from '../../database/restore/objects/schema-objects.js';
import { type FileStep } from '../exchange/file-swap.js';
import { type TableSwap } from '../exchange/table-swap.js';

/**
 * What is needed to finish or undo a change of staging that was killed half way. Written before the change begins,
 * removed when it is over; one at a time per site. Where the change stands is read from the database itself.
 */
export type Journal = SwapJournal | ReplaceJournal;

export interface SchemaDefaults {
  readonly charset: string;
  readonly collation: string;
}

/** A database server: how it is reached, and what it says of itself. */
export interface ServerMark {
  readonly address: string;
  readonly identity: string;
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
  /** Where the change was begun; it is ended nowhere else. */
  readonly server?: ServerMark;
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
  server: {
    type: 'object',
    required: ['address', 'identity'],
    additionalProperties: false,
    properties: { address: text, identity: text },
  },
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
export const validateJournal = documentValidator<Journal>({
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
