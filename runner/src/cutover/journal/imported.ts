import { documentValidator } from '../../config/schema/document-validator.js';
import { UnderstudyError } from '../../errors/index.js';
import { readHostDocument, writeHostFile } from '../../hosts/host-files.js';
import { schemaObjects } from './journal-schema.js';
import * as json from '../../config/schema/shapes.js';
import { type StagingContext } from '../../run/site-context.js';

const imported = json.record({
  version: json.constant(1),
  mode: json.oneOf('swap', 'replace'),
  /** Views, routines, triggers and events, as they are made in the live schema. */
  objects: schemaObjects,
});
/** What stage 5 leaves for the cutover, which may run in another process. */
export type Imported = json.ShapeOf<typeof imported>;

const validate = documentValidator(imported);

const path = (context: StagingContext): string => `${context.run.stagingFolder}/imported.json`;

export async function writeImported(context: StagingContext, document: Imported): Promise<void> {
  await writeHostFile(await context.hosts.staging(), path(context), `${JSON.stringify(document)}\n`);
}

/** @throws CUTOVER_FAILED when stage 5 of this run did not come to its end, or its file cannot be used */
export async function readImported(context: StagingContext): Promise<Imported> {
  const refuse = (why: string): never => {
    throw new UnderstudyError('CUTOVER_FAILED', `${path(context)} cannot be used: ${why}.`, {
      details: [`Only this file says what run ${context.run.id} imported. Nothing was put in place.`],
      next: `Start again from there: understudy stage import-database ${context.site.name} --run ${context.run.id}`,
    });
  };
  const staging = await context.hosts.staging();
  return (
    (await readHostDocument(staging, path(context), validate, { refuse })) ?? refuse('it does not exist')
  );
}
