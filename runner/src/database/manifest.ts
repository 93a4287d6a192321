import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import { UnderstudyError } from '../errors/index.js';
import * as json from '../config/schema/shapes.js';

const boundedName = json.named(300);
const names = json.listOf(boundedName, { maxItems: 100_000 });
const word = json.text(300);

const file = json.record({
  /** Relative to the backup folder. These are the only names that a backup has; a manifest can point at nothing else. */
  name: json.textLike('^(schema|objects|data/\\d{4,6})\\.sql\\.(zst|gz)$'),
  kind: json.oneOf('schema', 'data', 'objects'),
  /** Tables whose rows are in this shard (data only). */
  tables: json.optional(names),
  bytes: json.whole(),
  /** Before compression. */
  rawBytes: json.whole(),
  sha256: json.sha256,
});

const table = json.record({
  name: boundedName,
  engine: word,
  /** Counted from the stream, exact; 0 for `structureOnly` tables. */
  rows: json.whole(),
  /** Bytes of SQL in the dump. */
  rawBytes: json.whole(),
});

const manifest = json.record({
  version: json.constant(1),
  run: json.runId,
  site: json.siteName,
  createdAt: json.time,
  source: json.record({
    schema: boundedName,
    serverVersion: word,
    dumpTool: word,
    /** Default charset and collation of the schema. */
    charset: word,
    collation: word,
    /** Character set → its default collation there; missing in backups of older versions. */
    defaultCollations: json.optional(json.mapOf(json.textLike('^[a-z0-9_]{1,64}$'), 200)),
  }),
  compression: json.oneOf('zstd', 'gzip'),
  /** How the rows hold text; missing in backups of older versions: `utf8`. */
  textAs: json.optional(json.oneOf('bytes', 'utf8')),
  files: json.listOf(file, { minItems: 2, maxItems: 200_000 }),
  tables: json.listOf(table, { maxItems: 100_000 }),
  views: names,
  triggers: names,
  routines: names,
  events: names,
  warnings: json.listOf(json.text(4000), { maxItems: 10_000 }),
});

/** Written when the dump is complete: a folder without one is no backup. Beside it: schema, data/<shard>, objects. */
export type BackupManifest = json.ShapeOf<typeof manifest>;
export type BackupFile = json.ShapeOf<typeof file>;
export type BackupTable = json.ShapeOf<typeof table>;

const validate = documentValidator(manifest);

/**
 * A manifest that was read back. It went over the wire and lay on staging, so it is not trusted: shape, names and
 * the parts against each other are checked. Whether it is the one that was written is the caller's to check, by the
 * checksum in the run record.
 * @throws UnderstudyError MANIFEST_INVALID
 */
export function readManifest(bytes: Buffer): BackupManifest {
  const refuse = (why: string): never => {
    throw new UnderstudyError('MANIFEST_INVALID', `The manifest of the backup cannot be used: ${why}.`);
  };
  const manifest = readDocument(bytes, validate, refuse);
  const contradiction = findContradiction(manifest);
  return contradiction === undefined ? manifest : refuse(contradiction);
}

function findContradiction(manifest: BackupManifest): string | undefined {
  const { files, tables, compression } = manifest;
  const ending = compression === 'zstd' ? '.zst' : '.gz';
  const tableNames = new Set(tables.map(({ name }) => name));
  if (tableNames.size !== tables.length) return 'a table is listed twice';
  if (new Set(files.map(({ name }) => name)).size !== files.length) return 'a file is listed twice';
  for (const { name, kind, tables: held } of files) {
    if (!name.endsWith(ending)) return `${name} is not compressed with ${compression}`;
    if (kind !== (name.startsWith('data/') ? 'data' : name.split('.')[0]))
      return `${name} is not of kind ${kind}`;
    const unknown = held?.find((one) => !tableNames.has(one));
    if (unknown !== undefined) return `${name} holds the table ${unknown}, which is not listed`;
  }
  for (const kind of ['schema', 'objects'] as const)
    if (files.filter((one) => one.kind === kind).length !== 1) return `there is not exactly one ${kind} file`;
  const held = new Set(files.flatMap(({ tables: inFile }) => inFile ?? []));
  const lost = tables.find(({ name, rows }) => rows > 0 && !held.has(name));
  return lost === undefined ? undefined : `no file holds the rows of table ${lost.name}`;
}
