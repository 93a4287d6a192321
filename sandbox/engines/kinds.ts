import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EngineServer } from './engines.js';

/**
 * A kind of table, or of what else a schema holds, with rows that are difficult: a file of `kinds/`. Its first lines
 * say, where it is not everywhere, which servers can make it (`-- made on: mariadb 10.7, mysql`) and which can hold
 * what it makes (`-- held by: …`), and whose programs can dump it (`-- dumped by: …`),
 * which servers can exchange schemas with it (`-- swapped by: …`), and a table that the preflight warns of, because not
 * all of it comes over (`-- warned of: wp_k_x on mariadb`). All its names begin with `wp_k`.
 */
export interface Kind {
  readonly name: string;
  readonly sql: string;
  readonly madeOn: string;
  readonly heldBy: string;
  readonly dumpedBy: readonly string[];
  readonly swappedBy: string;
  readonly warnedOf: { readonly table: string; readonly on: string } | undefined;
}

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'kinds');

export async function readKinds(): Promise<readonly Kind[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(path.join(folder, file), 'utf8');
      const line = (key: string) => new RegExp(`^-- ${key}: (.*)$`, 'm').exec(sql)?.[1];
      const header = (key: string) => line(key) ?? 'mariadb, mysql';
      return {
        name: path.basename(file, '.sql'),
        sql,
        madeOn: header('made on'),
        heldBy: header('held by'),
        dumpedBy: header('dumped by').split(', '),
        swappedBy: header('swapped by'),
        warnedOf: warning(line('warned of')),
      };
    }),
  );
}

function warning(text: string | undefined): Kind['warnedOf'] {
  const [table, on] = text?.split(' on ') ?? [];
  return table === undefined || on === undefined ? undefined : { table, on };
}

/** Whether a server is one of a header's list. */
export function isOneOf(list: string, server: Pick<EngineServer, 'vendor' | 'version'>): boolean {
  return list.split(',').some((word) => {
    const [vendor, least = '0'] = word.trim().split(' ');
    return vendor === server.vendor && compareVersions(server.version, least) >= 0;
  });
}

function compareVersions(version: string, least: string): number {
  const numbers = (text: string) => (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number);
  const [a, b] = [numbers(version), numbers(least)];
  return b.map((number, index) => (a[index] ?? 0) - number).find((difference) => difference !== 0) ?? 0;
}

/** Tables, or a routine, that a kind makes. */
export const tablesOf = ({ sql }: Kind): readonly string[] =>
  [...sql.matchAll(/\bCREATE TABLE (?:`((?:[^`]|``)+)`|(\w+))/g)].map(([, quoted, bare]) =>
    (quoted ?? bare ?? '').replaceAll('``', '`'),
  );

/** Makes kinds in a schema of the server, as its administrator. */
export async function makeKinds(server: EngineServer, schema: string, kinds: readonly Kind[]): Promise<void> {
  for (const kind of kinds) {
    const text = kind.sql.replaceAll('{schema}', `\`${schema}\``);
    await server.query(text, schema).catch((cause: unknown) => {
      throw new Error(`${kind.name} on ${server.version}: ${String(cause)}`);
    });
  }
}
