import { quoteTable } from '../../commands/quote.js';
import { UnderstudyError } from '../../errors/index.js';
import { inOneGo } from '../connection/in-one-go.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { isRefusal, refusedAs } from '../connection/sql-error.js';
import { type BackupTable } from '../manifest.js';

export interface DeferredKeys {
  readonly table: string;
  /** As SHOW CREATE TABLE writes them: `` KEY `post_id` (`post_id`) ``. */
  readonly keys: readonly string[];
  /** The table as it was and has to be again. */
  readonly definition: string;
}

/** Below this size of rows (bytes of SQL) a table's keys cost less than two ALTERs. */
const WORTH_BYTES = 1024 * 1024;

/** Takes the secondary keys off large, empty tables: made afterwards they are sorted once, a quarter less work. */
export async function deferKeys(
  connection: SqlConnection,
  schema: string,
  tables: readonly BackupTable[],
): Promise<readonly DeferredKeys[]> {
  const large = tables.filter(({ rawBytes }) => rawBytes >= WORTH_BYTES).map(({ name }) => name);
  const definitions = await inOneGo(large.map((name) => definitionOf(connection, schema, name)));
  const deferred = await inOneGo(
    large.map(async (table, index): Promise<DeferredKeys[]> => {
      const definition = definitions[index] ?? '';
      const keys = removableKeys(definition);
      if (keys.length === 0) return [];
      const drops = keys.map((key) => `DROP KEY ${nameOfKey(key)}`);
      try {
        await connection.execute(`ALTER TABLE ${quoteTable(schema, table)} ${drops.join(', ')}`);
      } catch (cause) {
        // A foreign key of another table may need one of them (1553).
        if (!isRefusal(cause)) throw cause;
        return [];
      }
      return [{ table, keys, definition }];
    }),
  );
  return deferred.flat();
}

/** Makes deferred keys while other tables still get their rows. */
export interface KeyWork {
  /** All rows of this table are in. */
  ready(table: string): void;
  /** Also makes the keys of tables without rows; resolves when all stand. @throws IMPORT_FAILED naming the table */
  finish(): Promise<void>;
  /** Begins nothing more; resolves when nothing works on the connections any longer. */
  abandon(): Promise<void>;
}

/** Makes the keys again, each table's as soon as its rows are in, and compares the definitions. */
export function restoreKeys(
  connections: readonly SqlConnection[],
  schema: string,
  deferred: readonly DeferredKeys[],
): KeyWork {
  const waiting = new Map(deferred.map((each) => [each.table, each]));
  const idle = [...connections];
  const queue: DeferredKeys[] = [];
  const running = new Set<Promise<void>>();
  let failure: { readonly cause: unknown } | undefined;
  const next = (): void => {
    const connection = failure === undefined ? idle.pop() : undefined;
    const each = connection && queue.shift();
    if (connection === undefined) return;
    if (each === undefined) {
      idle.push(connection);
      return;
    }
    const work = restoreOne(connection, schema, each)
      .catch((cause: unknown) => {
        failure ??= { cause };
      })
      .finally(() => {
        running.delete(work);
        idle.push(connection);
        next();
      });
    running.add(work);
  };
  const ready = (table: string): void => {
    const each = waiting.get(table);
    if (each === undefined) return;
    waiting.delete(table);
    queue.push(each);
    next();
  };
  const drain = async () => {
    while (running.size > 0) await Promise.all(running);
  };
  return {
    ready,
    async finish() {
      for (const table of [...waiting.keys()]) ready(table);
      await drain();
      if (failure !== undefined) throw failure.cause;
    },
    async abandon() {
      waiting.clear();
      queue.length = 0;
      await drain();
    },
  };
}

async function restoreOne(
  connection: SqlConnection,
  schema: string,
  { table, keys, definition }: DeferredKeys,
): Promise<void> {
  const alter = `ALTER TABLE ${quoteTable(schema, table)} ${keys.map((key) => `ADD ${key}`).join(', ')}`;
  const made = (sql: string) =>
    inOneGo([connection.execute(sql), definitionOf(connection, schema, table)]).then(([, after]) => after);
  // Sorting takes place in the server's temporary folder, which may be small; copying the table needs none.
  const now = await made(alter)
    .catch((cause: unknown) => {
      if (!isRefusal(cause)) throw cause;
      return made(`${alter}, ALGORITHM=COPY`);
    })
    .catch(refusedAs('IMPORT_FAILED', `The keys of ${table} cannot be created`));
  if (comparable(now) !== comparable(definition))
    throw new UnderstudyError('IMPORT_FAILED', `The keys of ${table} are not as they were after the import.`);
}

/** The `KEY` lines of a definition that may be made later; none of a table with foreign, full-text or spatial keys. */
export function removableKeys(definition: string): readonly string[] {
  const lines = definition.split('\n');
  if (lines.some((line) => /^ {2}(?:FULLTEXT |SPATIAL |VECTOR |CONSTRAINT .* FOREIGN KEY )/.test(line)))
    return [];
  if (/\bPARTITION BY\b/.test(lines.slice(-1)[0] ?? '')) return [];
  // The counter's own column has to be the first of some key at any time.
  const counter = lines
    .map((line) => /^ {2}(`(?:[^`]|``)+`) .*\bAUTO_INCREMENT\b/.exec(line)?.[1])
    .find(Boolean);
  return lines
    .filter((line) => /^ {2}KEY `/.test(line))
    .map((line) => line.trim().replace(/,$/, ''))
    .filter((key) => counter === undefined || !key.startsWith(`KEY ${nameOfKey(key)} (${counter}`));
}

const nameOfKey = (key: string): string => /^KEY (`(?:[^`]|``)+`)/.exec(key)?.[1] ?? '';

/** Order of keys and the counter's value do not matter. */
const comparable = (definition: string): string =>
  definition
    .split('\n')
    .map((line) => line.replace(/,$/, '').replace(/ AUTO_INCREMENT=\d+/, ''))
    .sort()
    .join('\n');

async function definitionOf(connection: SqlConnection, schema: string, table: string): Promise<string> {
  const [row] = await connection.query(`SHOW CREATE TABLE ${quoteTable(schema, table)}`);
  return String(row?.['Create Table'] ?? '');
}
