import { type SqlConnection } from '../../connection/sql-connection.js';
import {
  createObjects,
  dropListed,
  listedObjects,
  type ListedObject,
  ORDER,
  type PresentObject,
  type SchemaObject,
  withoutDefiner,
} from './schema-objects.js';
import { UnderstudyError } from '../../../errors/index.js';
import { type SqlObject } from '../../sql/sql-objects.js';
import { prepareStatement, type PreparedStatement } from '../../sql/sql-statements.js';

const key = (object: Pick<ListedObject, 'kind' | 'name'>): string => `${object.kind} ${object.name}`;

/** Without the definer: anyone who makes an object again becomes its definer. */
const definition = (object: SchemaObject): string =>
  JSON.stringify([object.settings, withoutDefiner(object.statement)]);

/**
 * Makes `schema`, the connection's default, have exactly the wanted views, routines, triggers and events. What is right
 * already is not touched; views are replaced in one statement, so that a page does not miss them. May be repeated after
 * a kill.
 * @param openCreator the site's own account: the wanted text may come from a file on staging, and must not run with an
 * administrator's rights
 * @param known what the schema has, where that was read just now
 * @returns what was not made, because it is nothing that an import would make
 */
export async function replaceObjects(
  connection: SqlConnection,
  schema: string,
  wanted: readonly SchemaObject[],
  openCreator: () => Promise<SqlConnection>,
  known?: readonly PresentObject[],
): Promise<readonly RefusedObject[]> {
  const there = known ?? (await listedObjects(connection, schema));
  const present = new Map(there.map(({ object }) => [key(object), definition(object)]));
  const isRight = (object: SchemaObject) => present.get(key(object)) === definition(object);
  const right = new Set(wanted.filter(isRight).map(key));
  const { accepted, refused } = vetObjects(
    wanted.filter((object) => !isRight(object)),
    schema,
  );
  const views = new Set(accepted.filter((object) => object.kind === 'view').map(key));
  const listed = there.map((each) => each.listed);
  await dropListed(
    connection,
    schema,
    listed.filter((object) => !right.has(key(object)) && !views.has(key(object))),
  );
  if (accepted.length > 0) {
    const creator = await openCreator();
    const inOrder = ORDER.flatMap((kind) => accepted.filter((object) => object.kind === kind));
    await createObjects(creator, inOrder, () => Promise.resolve());
  }
  return refused;
}

interface RefusedObject {
  readonly object: SchemaObject;
  /** Why it is not made, as a clause. */
  readonly why: string;
}

interface VettedObjects {
  /** Ready to be made; the account that makes them is their definer. */
  readonly accepted: readonly SchemaObject[];
  readonly refused: readonly RefusedObject[];
}

/**
 * Objects that are about to be made in a schema. Their text may come from a file on staging, so it passes the same lexer
 * and policy as a dump: no other schema, no account, no file, one object of the stated kind and name. Pure.
 */
function vetObjects(objects: readonly SchemaObject[], schema: string): VettedObjects {
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
