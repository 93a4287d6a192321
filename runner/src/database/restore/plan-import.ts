import { type ShardImport } from '../../commands/mysql.js';
import { type BackupFile, type BackupManifest } from '../manifest.js';
import { type DeferredKeys } from './deferred-keys.js';
import { type TableCapabilities } from './table-capabilities.js';

/** LOAD DATA into the table `load`; without it the shard's INSERTs, after the table `empty` was emptied. */
export type ImportWay = Pick<ShardImport, 'load' | 'empty'>;

export interface ShardOrder {
  readonly file: BackupFile;
  readonly way: ImportWay;
  /** The way that has the last word when the server does not take the first one; undefined: there is one way only. */
  readonly otherwise?: ImportWay;
  /** No other shard with the same word runs at the same time. */
  readonly alone?: string;
}

/** An entry of a key that is made afterwards costs about as much as this many bytes of rows. */
const KEY_ENTRY_BYTES = 60;
/** A table with this much more than one core's share of all work would keep the others waiting, one shard at a time. */
const LARGEST_SHARE = 1.25;

const INSERTS = { way: {} };

/**
 * The order of the shards and the way of each. Tables with the most work come first, their keys included, because keys
 * are made while other tables still get their rows. A shard of one table is loaded where the table allows it; a table
 * into which LOAD DATA goes one at a time is not, if it is so large that several INSERTs side by side are faster. Pure.
 * @param cores of the host of the database
 */
export function planImport(
  manifest: Pick<BackupManifest, 'files' | 'tables'>,
  deferred: readonly DeferredKeys[],
  capabilities: Pick<TableCapabilities, 'loadable' | 'oneAtATime'>,
  cores: number,
): readonly ShardOrder[] {
  const keys = new Map(deferred.map((each) => [each.table, each.keys.length]));
  const work = new Map(
    manifest.tables.map(({ name, rows, rawBytes }) => [
      name,
      rawBytes + rows * (keys.get(name) ?? 0) * KEY_ENTRY_BYTES,
    ]),
  );
  const all = [...work.values()].reduce((sum, each) => sum + each, 0);
  const workOf = ({ tables = [] }: BackupFile) => Math.max(0, ...tables.map((table) => work.get(table) ?? 0));
  const shardsOf = (table: string) =>
    manifest.files.filter(({ tables = [] }) => tables.includes(table)).length;
  const engines = new Map(manifest.tables.map(({ name, engine }) => [name, engine.toLowerCase()]));
  const wayOf = (file: BackupFile): Omit<ShardOrder, 'file'> => {
    const [table, ...others] = file.tables ?? [];
    if (table === undefined || others.length > 0 || !capabilities.loadable.has(table)) return INSERTS;
    // Without transactions a table locks as a whole, and what a failure leaves can only be emptied as a whole.
    if (engines.get(table) !== 'innodb')
      return shardsOf(table) === 1 ? { way: { load: table }, otherwise: { empty: table } } : INSERTS;
    const loaded = { way: { load: table }, otherwise: {} };
    if (!capabilities.oneAtATime.has(table)) return loaded;
    return workOf(file) > (all / cores) * LARGEST_SHARE ? INSERTS : { ...loaded, alone: table };
  };
  return manifest.files
    .filter((file) => file.kind === 'data')
    .sort((a, b) => workOf(b) - workOf(a) || b.rawBytes - a.rawBytes)
    .map((file) => ({ file, ...wayOf(file) }));
}

export interface ShardQueue {
  /** The next shard that may begin now; undefined: nothing is left, or all that is left waits for a shard that runs. */
  take(): ShardOrder | undefined;
  done(shard: ShardOrder): void;
}

/** A worker that got nothing may end: who holds a table goes on with its other shards. */
export function shardQueue(plan: readonly ShardOrder[]): ShardQueue {
  const waiting = [...plan];
  const busy = new Set<string>();
  return {
    take() {
      const at = waiting.findIndex(({ alone }) => alone === undefined || !busy.has(alone));
      const [shard] = at < 0 ? [] : waiting.splice(at, 1);
      if (shard?.alone !== undefined) busy.add(shard.alone);
      return shard;
    },
    done({ alone }) {
      if (alone !== undefined) busy.delete(alone);
    },
  };
}
