import { documentValidator } from '../../config/schema/document-validator.js';
import * as json from '../../config/schema/shapes.js';
import { inOneGo } from '../../database/connection/in-one-go.js';
import { type WordPressSchema } from './wordpress-schema.js';
import { writeOption } from './sanitize.js';

/** Option in the main site's table of every copy: which of its users the sync brought. */
const USERS_OPTION = 'understudy_users';

const broughtUsers = json.openRecord({
  run: json.text(),
  /** Decimal. */
  lastId: json.textLike('^[0-9]{1,20}$'),
  /** Logins. */
  own: json.listOf(json.text()),
});
/** Users with an id up to `lastId` came with the sync `run`, those named in `own` excepted: they were staging's before. */
export type BroughtUsers = json.ShapeOf<typeof broughtUsers>;

const validate = documentValidator(broughtUsers);

/** What the sync that made this schema recorded; undefined where no sync made it, or one that did not record it. */
export async function readBroughtUsers(schema: WordPressSchema): Promise<BroughtUsers | undefined> {
  const table = schema.main('options');
  if (table === undefined) return undefined;
  const [row] = await schema.query(`SELECT option_value AS value FROM ${table.sql} WHERE option_name = ?`, [
    USERS_OPTION,
  ]);
  try {
    const value: unknown = JSON.parse(String(row?.['value'] ?? ''));
    return validate(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The record of the copy at hand, made when it is not there yet: before staging's own users are put in. */
export async function recordBroughtUsers(schema: WordPressSchema, run: string): Promise<BroughtUsers> {
  const users = schema.main('users');
  const [known, [row]] = await inOneGo([
    readBroughtUsers(schema),
    users === undefined
      ? Promise.resolve([])
      : schema.query(`SELECT CAST(COALESCE(MAX(ID), 0) AS CHAR) AS last FROM ${users.sql}`),
  ]);
  if (known?.run === run) return known;
  return writeBroughtUsers(schema, { run, lastId: String(row?.['last'] ?? '0'), own: [] });
}

export async function writeBroughtUsers(
  schema: WordPressSchema,
  brought: BroughtUsers,
): Promise<BroughtUsers> {
  await writeOption(schema, USERS_OPTION, JSON.stringify(brought));
  return brought;
}

/** Whether the sync that made a copy brought the user with this id and login. */
export const wasBrought = ({ lastId, own }: BroughtUsers, id: string, login: string): boolean =>
  BigInt(id) <= BigInt(lastId) && !own.includes(login);
