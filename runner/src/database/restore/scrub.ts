import path from 'node:path';
import { LARGEST_SCRUB_FILE, readPlainFile } from '../../config/load/read-plain-file.js';
import { type Site } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { type SqlConnection } from '../connection/sql-connection.js';
import { refusedAs } from '../connection/sql-error.js';
import { splitStatements, SqlSyntaxError, tokenize } from '../sql/sql-lexer.js';
import { nameOf, qualifiedNames } from '../sql/sql-names.js';
import { refusedAct } from '../sql/sql-objects.js';

interface ScrubStatement {
  readonly line: number;
  /** One character per byte. */
  readonly text: string;
}

/** What names a schema, or works on more than the site's own tables, is refused. @throws SCRUB_FAILED naming it */
export function parseScrub(content: Buffer, name: string): readonly ScrubStatement[] {
  const problems: string[] = [];
  const statements: ScrubStatement[] = [];
  try {
    for (const statement of splitStatements(content.toString('latin1'))) {
      const code = tokenize(statement.text, statement.modes).filter(
        ({ kind }) => kind !== 'comment' && kind !== 'open' && kind !== 'close',
      );
      if (code.length === 0) continue;
      const act = refusedAct(code);
      if (act !== undefined) problems.push(`line ${String(statement.line)}: ${act} is not allowed`);
      for (const { schema, certain } of qualifiedNames(code))
        if (certain)
          problems.push(
            `line ${String(statement.line)}: names the schema ${nameOf(schema)}; leave schemas out, the new one is in use`,
          );
      statements.push({ line: statement.line, text: statement.text });
    }
  } catch (cause) {
    if (!(cause instanceof SqlSyntaxError)) throw cause;
    problems.push(cause.message);
  }
  if (problems.length > 0)
    throw new UnderstudyError('SCRUB_FAILED', `The scrub file ${name} cannot be run.`, { details: problems });
  return statements;
}

/** The declared files, read and checked. @throws SCRUB_FAILED */
export async function readScrubs(
  site: Site,
): Promise<readonly { readonly name: string; readonly statements: readonly ScrubStatement[] }[]> {
  const folder = path.dirname(site.file);
  return Promise.all(
    site.staging.scrub.sql.map(async (name) => {
      const content = await readPlainFile(path.resolve(folder, name), {
        maxBytes: LARGEST_SCRUB_FILE,
        within: folder,
      }).catch((cause: unknown) => {
        throw new UnderstudyError('SCRUB_FAILED', `The scrub file ${name} cannot be read.`, { cause });
      });
      return { name, statements: parseScrub(content, name) };
    }),
  );
}

/** Runs the declared SQL in the default schema. @returns how many rows were changed @throws SCRUB_FAILED */
export async function runScrubs(site: Site, connection: SqlConnection): Promise<number> {
  let changed = 0;
  for (const { name, statements } of await readScrubs(site))
    for (const { line, text } of statements) {
      const done = connection.execute(Buffer.from(text, 'latin1'));
      const { affectedRows } = await done.catch(refusedAs('SCRUB_FAILED', `${name}, line ${String(line)}`));
      changed += affectedRows;
    }
  return changed;
}
