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
import { type RefusedObject, vetObjects } from './vet-objects.js';

const key = (object: Pick<ListedObject, 'kind' | 'name'>): string => `${object.kind} ${object.name}`;

/** Without the definer: anyone who makes an object again becomes its definer. */
const definition = (object: SchemaObject): string =>
  JSON.stringify([object.settings, withoutDefiner(object.statement)]);

/**
 * Makes `schema`, the connection's default, have exactly the wanted views, routines, triggers and events. What is
 * right already is not touched, so that nothing waits for locks in vain; views are replaced in one statement, so that a
 * page that reads them does not miss them. May be repeated after a kill.
 * @param openCreator a session of the site's own account in that schema, asked for only when something is made: the
 *   wanted text may come from a file on staging, and must not run with an administrator's rights
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
    await createObjects(creator, inOrder);
  }
  return refused;
}
