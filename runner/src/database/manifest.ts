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
  };
  readonly compression: 'zstd' | 'gzip';
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
