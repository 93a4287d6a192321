import { documentValidator, readDocument } from '../../config/schema/document-validator.js';
import { shellScript, writeCommand } from '../../commands/command.js';
import { quoteIdentifier } from '../../commands/quote.js';
import { warningOf, UnderstudyError } from '../../errors/index.js';
import { type SqlConnection } from '../../database/connection/sql-connection.js';
import { generationOf, oldSchema } from '../../database/restore/schema-names.js';
import { type WritingHost } from '../../hosts/host.js';
import { type FolderFile, readHostFolder, writeHostFile } from '../../hosts/host-files.js';
import { stagingBackupFolder } from './journal.js';
import { fileStep, generationNumber, schemaObjects } from './journal-schema.js';
import * as json from '../../config/schema/shapes.js';
import { type StagingContext, stagingWorkDir } from '../../run/site-context.js';

const generation = json.record({
  version: json.constant(1),
  number: generationNumber,
  /** `schema`: its tables lie in `<db>_understudy_old_<number>`; `backup`: in a backup folder (replace mode). */
  kept: json.oneOf('schema', 'backup'),
  /** Backup folder, absolute; for `backup` only. */
  backup: json.optional(json.text(4096)),
  /** The run that replaced it. */
  retiredBy: json.runId,
  retiredAt: json.textLike('^[0-9TZ:.-]{10,40}$'),
  /** Names of its tables: a rollback compares before it begins. */
  tables: json.listOf(json.named(64)),
  files: json.optional(fileStep),
  objects: schemaObjects,
});
/** A former generation of staging: what `understudy rollback` brings back. */
export type Generation = json.ShapeOf<typeof generation>;

const validate = documentValidator(generation);

/** What lists generations; less than a cutover needs. */
export type GenerationContext = Pick<StagingContext, 'run'> & {
  readonly hosts: Pick<StagingContext['hosts'], 'staging'>;
  readonly reporter: Pick<StagingContext['reporter'], 'warn'>;
};

/** The place of a site's generations, for commands that have no run. What is damaged there is left out in silence. */
export const generationPlace = (staging: WritingHost, workDir: string): GenerationContext => ({
  run: { id: '', stagingFolder: `${workDir}/runs/none` },
  hosts: { staging: () => Promise.resolve(staging) },
  reporter: { warn: () => undefined },
});

/** Bytes: names of tables, and the texts of views, routines, triggers and events. */
const LARGEST_RECORD = 16 * 1024 * 1024;
const folder = (context: Pick<StagingContext, 'run'>): string => `${stagingWorkDir(context)}/generations`;
const path = (context: Pick<StagingContext, 'run'>, number: number): string =>
  `${folder(context)}/${String(number)}.json`;

/** Kept generations, newest first; one whose record cannot be used is reported and left out. */
export async function listGenerations(context: GenerationContext): Promise<Generation[]> {
  const host = await context.hosts.staging();
  const files = await readHostFolder(host, folder(context), '.json', LARGEST_RECORD);
  return files.flatMap((file) => readGeneration(context, file) ?? []).sort((a, b) => b.number - a.number);
}

function readGeneration(context: GenerationContext, found: FolderFile): Generation | undefined {
  const number = Number(/^([1-9][0-9]{0,4})\.json$/.exec(found.name)?.[1] ?? 0);
  if (number === 0) return undefined;
  const file = path(context, number);
  const refuse = (why: string): never => {
    throw new UnderstudyError('GENERATION_INVALID', `${file} cannot be used: ${why}.`);
  };
  try {
    if ('refused' in found) return refuse(found.refused);
    const record = readDocument(found.bytes, validate, refuse);
    if (record.number !== number) refuse('it is the record of another generation');
    if (record.backup !== undefined && record.backup !== stagingBackupFolder(stagingWorkDir(context), number))
      refuse(`it names the folder ${record.backup}`);
    return record;
  } catch (error) {
    if (!(error instanceof UnderstudyError) || error.code !== 'GENERATION_INVALID') throw error;
    context.reporter.warn(warningOf(error));
    return undefined;
  }
}

export async function writeGeneration(context: StagingContext, generation: Generation): Promise<void> {
  await writeHostFile(
    await context.hosts.staging(),
    path(context, generation.number),
    `${JSON.stringify(generation)}\n`,
  );
}

export async function forgetGeneration(context: StagingContext, number: number): Promise<void> {
  await (await context.hosts.staging()).run(writeCommand('rm', '-f', '--', path(context, number)));
}

async function oldSchemas(connection: SqlConnection, live: string): Promise<ReadonlyMap<number, string>> {
  const rows = await connection.query('SELECT schema_name AS name FROM information_schema.schemata');
  const found = new Map<number, string>();
  for (const row of rows) {
    const number = generationOf(live, String(row['name']));
    if (number !== undefined) found.set(number, String(row['name']));
  }
  return found;
}

/** One more than any number that a record or a schema has. */
export async function nextGeneration(
  context: StagingContext,
  connection: SqlConnection,
  live: string,
): Promise<number> {
  const [records, schemas] = await Promise.all([listGenerations(context), oldSchemas(connection, live)]);
  return Math.max(0, ...records.map(({ number }) => number), ...schemas.keys()) + 1;
}

/** Drops what is older than the newest `keep` generations. Only when the present one is proven. */
export async function pruneGenerations(
  context: StagingContext,
  connection: SqlConnection,
  live: string,
  keep: number,
): Promise<readonly number[]> {
  const [records, schemas] = await Promise.all([listGenerations(context), oldSchemas(connection, live)]);
  const kept = new Set(records.slice(0, keep).map((generation) => generation.number));
  const dropped = new Set<number>();
  for (const [number] of schemas) {
    if (kept.has(number)) continue;
    await connection.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(oldSchema(live, number))}`);
    dropped.add(number);
  }
  const host = await context.hosts.staging();
  for (const generation of records.slice(keep)) {
    if (generation.backup !== undefined) await host.run(writeCommand('rm', '-rf', '--', generation.backup));
    // Files of a generation that was rolled back wait in its run's folder; those in retired/ are content's to remove.
    if (generation.files?.direction === 'apply')
      await host.run(
        shellScript('write', 'rm -rf -- "$1/runs/$2/incoming"', [
          stagingWorkDir(context),
          generation.files.run,
        ]),
      );
    await forgetGeneration(context, generation.number);
    dropped.add(generation.number);
  }
  return [...dropped].sort((a, b) => a - b);
}
