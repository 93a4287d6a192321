import { documentValidator } from '../../config/schema/document-validator.js';
import { type SchemaObject } from '../../database/restore/objects/schema-objects.js';
import { type FileStep } from '../exchange/file-swap.js';
import { type TableSwap } from '../exchange/table-swap.js';
import * as json from '../../config/schema/shapes.js';

const words = json.text(4096);
export const schemaName = json.named(64);
const name = schemaName;
const names = json.listOf(name);
export const generationNumber = json.whole(1, 99_999);

export const schemaObjects: json.Shape<readonly SchemaObject[]> = json.listOf(
  json.record({
    kind: json.oneOf('routine', 'view', 'trigger', 'event'),
    name,
    settings: json.listOf(
      json.textLike(
        "^SET SESSION (sql_mode|character_set_client|collation_connection|time_zone) = '?[A-Za-z0-9_,+:/-]*'?$",
      ),
    ),
    statement: json.textLike('^(/\\*!?[0-9]* *)?[Cc][Rr][Ee][Aa][Tt][Ee]\\b'),
    encoding: json.optional(json.constant('latin1')),
  }),
);
export const fileStep: json.Shape<FileStep> = json.record({
  run: json.runId,
  direction: json.oneOf('apply', 'undo'),
});

const word = json.textLike('^[A-Za-z0-9_]{1,64}$');
const defaults = json.record({ charset: word, collation: word });
/** A database server: how it is reached, and what it says of itself. */
export const serverMark = json.record({ address: words, identity: words });

const head = {
  version: json.constant(1),
  site: words,
  run: json.runId,
  /** ISO 8601, UTC. */
  startedAt: words,
  /** What the file half does when this change goes forwards. */
  files: json.optional(fileStep),
  /** Whether the maintenance page covers it. */
  page: json.flag,
  /** What comes is not proven harmless yet: a recovery goes back. */
  awaitsProof: json.optional(json.flag),
  /** Where the change was begun; it is ended nowhere else. */
  server: json.optional(serverMark),
  /** Number of the generation that is being retired; of a swap, `swap.outgoing` is its schema. */
  generation: generationNumber,
  /** Number of the generation that comes back (rollback); undefined for a sync. */
  restores: json.optional(generationNumber),
  incomingObjects: schemaObjects,
  /** Views, routines, triggers and events of what staging served before. */
  outgoingObjects: schemaObjects,
} as const;

const tableSwap: json.Shape<TableSwap> = json.record({
  live: name,
  incoming: name,
  outgoing: name,
  incomingTables: names,
  outgoingTables: names,
});
const swapJournal = json.record({
  ...head,
  kind: json.constant('swap'),
  swap: tableSwap,
  /** Default charset and collation of the schema that staging serves: before, and after. */
  incomingDefaults: defaults,
  outgoingDefaults: defaults,
});
const replaceJournal = json.record({
  ...head,
  kind: json.constant('replace'),
  live: name,
  /** Backup folder with what staging served before, absolute. */
  safety: words,
  /** `filling`: the live schema is not complete; `cutover`: it is, and the rest goes forwards. */
  phase: json.oneOf('filling', 'cutover'),
});

export type SchemaDefaults = json.ShapeOf<typeof defaults>;
export type ServerMark = json.ShapeOf<typeof serverMark>;
export type SwapJournal = json.ShapeOf<typeof swapJournal>;
export type ReplaceJournal = json.ShapeOf<typeof replaceJournal>;
/** What finishes or undoes a change that was killed halfway. Where it stands is read from the database itself. */
export type Journal = SwapJournal | ReplaceJournal;

export const validateJournal = documentValidator(json.either(swapJournal, replaceJournal));
