import { documentValidator } from '../../config/schema/document-validator.js';
import * as json from '../../config/schema/shapes.js';
import { type SideSettings } from '../../config/site.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { type Secret } from '../../errors/index.js';
import { readHostDocument, writeHostFile } from '../../hosts/host-files.js';
import { type ReadingHost, type WritingHost } from '../../hosts/host.js';

/** Where staging's database was when the newest sync put its copy in place. Without the password. */
type RecordedDatabase = Pick<DatabaseAccess, 'server' | 'name' | 'user' | 'charset' | 'prefix' | 'multisite'>;

const text = json.text(255);
const validate = documentValidator<RecordedDatabase>(
  json.record({
    server: json.either(
      json.record({ kind: json.constant('tcp'), host: text, port: json.whole() }),
      json.record({ kind: json.constant('socket'), path: text }),
    ),
    name: json.textLike('^[^-\\u0000-\\u001F/\\\\][^\\u0000-\\u001F/\\\\]{0,63}$'),
    user: text,
    charset: json.textLike('^[A-Za-z0-9_]{1,64}$'),
    prefix: json.textLike('^[A-Za-z0-9_$]{0,64}$'),
    multisite: json.flag,
  }),
);

const recordFile = (workDir: string): string => `${workDir}/staging-database.json`;

/** Before a cutover: a way back must not depend on what settings say afterwards. */
export async function recordDatabase(
  host: WritingHost,
  workDir: string,
  { server, name, user, charset, prefix, multisite }: DatabaseAccess,
): Promise<void> {
  const record: RecordedDatabase = { server, name, user, charset, prefix, multisite };
  await writeHostFile(host, recordFile(workDir), `${JSON.stringify(record)}\n`);
}

/**
 * For what goes back: staging's database as it was recorded, where the present settings say something else or cannot be
 * read. What the site file says comes first; the record may come from anybody, so the guards are asked about what it
 * names as about everything else.
 * @returns undefined where the present settings are right, or nothing is recorded
 */
export async function recordedDatabase(
  host: ReadingHost,
  workDir: string,
  side: SideSettings,
  present: { readonly access: DatabaseAccess | undefined; readonly password: Secret | undefined },
): Promise<DatabaseAccess | undefined> {
  const record = await readHostDocument(host, recordFile(workDir), validate, {
    maxBytes: 65_536,
    refuse: () => {
      throw new Error('no record');
    },
  }).catch(() => undefined);
  const { access, password } = present;
  if (record === undefined || password === undefined) return undefined;
  const { server, name, user } = side.database;
  const wanted = {
    server: server ?? record.server,
    name: name ?? record.name,
    user: user ?? record.user,
  };
  const isSame =
    access !== undefined &&
    JSON.stringify([access.server, access.name, access.user]) ===
      JSON.stringify([wanted.server, wanted.name, wanted.user]);
  if (isSame) return undefined;
  const { container } = side.database;
  return { ...record, ...wanted, password, ...(container === undefined ? {} : { container }) };
}
