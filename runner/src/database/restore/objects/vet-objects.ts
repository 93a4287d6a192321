import { UnderstudyError } from '../../../errors/index.js';
import { type SqlObject } from '../../sql/sql-objects.js';
import { prepareStatement, type PreparedStatement } from '../../sql/sql-statements.js';
import { type SchemaObject } from './schema-objects.js';

export interface RefusedObject {
  readonly object: SchemaObject;
  /** Why it is not made, as a clause. */
  readonly why: string;
}

export interface VettedObjects {
  /** Ready to be made; the account that makes them is their definer. */
  readonly accepted: readonly SchemaObject[];
  readonly refused: readonly RefusedObject[];
}

/**
 * Objects that are about to be made in a schema. Their text may come from a file on staging, so it passes the same lexer
 * and policy as a dump: no other schema, no account, no file, one object of the stated kind and name. Pure.
 */
export function vetObjects(objects: readonly SchemaObject[], schema: string): VettedObjects {
  const accepted: SchemaObject[] = [];
  const refused: RefusedObject[] = [];
  for (const object of objects) {
    const answer = vet(object, schema);
    if (typeof answer === 'string') refused.push({ object, why: answer });
    else accepted.push(answer);
  }
  return { accepted, refused };
}

/** Character sets in which a byte of a letter may look like a quote or a backslash: the lexer reads bytes. */
const AMBIGUOUS = /^SET SESSION character_set_client = '?(?:big5|gbk|sjis|cp932|gb18030|ucs2|utf16|utf32)/i;

function vet(object: SchemaObject, schema: string): SchemaObject | string {
  if (object.settings.some((setting) => AMBIGUOUS.test(setting)))
    return 'its character set cannot be checked';
  const prepared = prepare(object, schema);
  if (typeof prepared === 'string') return prepared;
  if (prepared.name !== object.name || kindOf(prepared.kind) !== object.kind)
    return `its statement makes the ${prepared.kind} ${prepared.name}`;
  return { ...object, statement: prepared.sql.toString(object.encoding ?? 'utf8') };
}

function prepare(object: SchemaObject, schema: string): PreparedStatement | string {
  const mode = object.settings.find((setting) => setting.startsWith('SET SESSION sql_mode')) ?? '';
  const modes = { ansiQuotes: /ANSI/i.test(mode), plainBackslash: /NO_BACKSLASH_ESCAPES/i.test(mode) };
  const options = {
    fromSchema: schema,
    toSchema: schema,
    target: { collations: new Set<string>(), isMariaDb: true },
    events: 'keep' as const,
  };
  try {
    const statement = Buffer.from(object.statement, object.encoding ?? 'utf8');
    return prepareStatement(statement, modes, options) ?? 'its statement makes nothing';
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'DUMP_REFUSED') throw error;
    return error.details[0] ?? error.message;
  }
}

const kindOf = (kind: SqlObject['kind']): string => (kind === 'view-placeholder' ? 'view' : kind);
