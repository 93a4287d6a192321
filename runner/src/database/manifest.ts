import { type TextEncoding } from '../commands/mysqldump.js';
import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import { UnderstudyError } from '../errors/index.js';

/**
 * What a backup is: written on production's database host when the dump is complete, never before.
 * A folder without a manifest is no backup. Layout of the folder (`<workDir>/<run>/backup/`):
 * manifest.json, schema.sql.zst, data/<shard>.sql.zst, objects.sql.zst (`.gz` where there is no zstd).
 */
export interface BackupManifest {
  readonly version: 1;
  readonly run: string;
  readonly site: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly source: {
    readonly schema: string;
    readonly serverVersion: string;
    readonly dumpTool: string;
    /** Default charset and collation of the schema. */
    readonly charset: string;
    readonly collation: string;
    /** Character set → its default collation there; missing in backups of older versions. */
    readonly defaultCollations?: Readonly<Record<string, string>>;
  };
  readonly compression: 'zstd' | 'gzip';
  /** How the rows hold text; missing in backups of older versions: `utf8`. */
  readonly textAs?: TextEncoding;
  readonly files: readonly BackupFile[];
  readonly tables: readonly BackupTable[];
  readonly views: readonly string[];
  readonly triggers: readonly string[];
  readonly routines: readonly string[];
  readonly events: readonly string[];
  readonly warnings: readonly string[];
}

export interface BackupFile {
  /** Relative to the backup folder. */
  readonly name: string;
  readonly kind: 'schema' | 'data' | 'objects';
  /** Tables whose rows are in this shard (data only). */
  readonly tables?: readonly string[];
  readonly bytes: number;
  /** Before compression. */
  readonly rawBytes: number;
  readonly sha256: string;
}

export interface BackupTable {
  readonly name: string;
  readonly engine: string;
  /** Counted from the stream, exact; 0 for `structureOnly` tables. */
  readonly rows: number;
  /** Bytes of SQL in the dump. */
  readonly rawBytes: number;
}

const names = { type: 'array', maxItems: 100_000, items: { type: 'string', minLength: 1, maxLength: 300 } };
const size = { type: 'integer', minimum: 0 };
const text = { type: 'string', maxLength: 300 };

const file = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'kind', 'bytes', 'rawBytes', 'sha256'],
  properties: {
    // The only names that a backup has; so a manifest can point at nothing else.
    name: { type: 'string', pattern: '^(schema|objects|data/\\d{4,6})\\.sql\\.(zst|gz)$' },
    kind: { enum: ['schema', 'data', 'objects'] },
    tables: names,
    bytes: size,
    rawBytes: size,
    sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
};

const table = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'engine', 'rows', 'rawBytes'],
  properties: { name: names.items, engine: text, rows: size, rawBytes: size },
};

const validate = documentValidator<BackupManifest>({
  type: 'object',
  additionalProperties: false,
  required: ['version', 'run', 'site', 'createdAt', 'source', 'compression', 'files', 'tables', 'views', 'triggers', 'routines', 'events', 'warnings'], // prettier-ignore
  properties: {
    version: { const: 1 },
    run: { type: 'string', pattern: '^\\d{8}T\\d{6}Z-[0-9a-f]{6}$' },
    site: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' },
    createdAt: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' },
    source: {
      type: 'object',
      additionalProperties: false,
      required: ['schema', 'serverVersion', 'dumpTool', 'charset', 'collation'],
      properties: {
        schema: names.items,
        serverVersion: text,
        dumpTool: text,
        charset: text,
        collation: text,
        defaultCollations: {
          type: 'object',
          maxProperties: 200,
          additionalProperties: { type: 'string', pattern: '^[a-z0-9_]{1,64}$' },
        },
      },
    },
    compression: { enum: ['zstd', 'gzip'] },
    textAs: { enum: ['bytes', 'utf8'] },
    files: { type: 'array', minItems: 2, maxItems: 200_000, items: file },
    tables: { type: 'array', maxItems: 100_000, items: table },
    views: names,
    triggers: names,
    routines: names,
    events: names,
    warnings: { type: 'array', maxItems: 10_000, items: { type: 'string', maxLength: 4000 } },
  },
});

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
