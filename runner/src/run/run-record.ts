import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import { UnderstudyError } from '../errors/index.js';
import { type Site } from '../config/site.js';
import { type StageName, STAGES } from '../config/stage-list.js';
import { type WritingHost } from '../hosts/host.js';
import * as json from '../config/schema/shapes.js';

/** Where the records of a site's runs lie. */
export interface RunStore {
  readonly staging: WritingHost;
  /** Absolute work folder on staging. */
  readonly stagingWorkDir: string;
  readonly site: Site;
  /** Folder on this machine that holds copies of the records. */
  readonly workspace: string;
}

const folder = json.text(4096);
/** Compared, never used as paths. */
const workFolders = json.record({ staging: folder, production: folder });

const stage = json.record({
  state: json.oneOf('running', 'complete', 'failed', 'aborted', 'skipped'),
  startedAt: json.time,
  finishedAt: json.optional(json.time),
  summary: json.optional(json.text(4000)),
  outputs: json.optional(json.anything),
});
const stages: json.Shape<{ readonly [Name in StageName]?: StageRecord }> = json.record(
  Object.fromEntries(STAGES.map(({ name }) => [name, json.optional(stage)])),
);

const runRecord = json.record({
  version: json.constant(1),
  id: json.runId,
  site: json.siteName,
  createdAt: json.time,
  configDigest: json.text(128),
  /** Commit of the site files, where known. */
  configCommit: json.optional(json.textLike('^[0-9a-f]{7,64}$')),
  parameters: json.mapOf(json.either(json.text(), json.flag)),
  state: json.oneOf('running', 'complete', 'failed', 'aborted'),
  mode: json.optional(json.oneOf('swap', 'replace')),
  /** The work folders when the run began, absolute. */
  folders: json.optional(workFolders),
  stages,
});

/**
 * The record of a run: a JSON document in `<staging.workDir>/runs/<id>/record.json`, written by temporary file, fsync,
 * rename. It is untrusted input: validated by schema when read, and it never supplies a path, host or
 * command for production; those come from the site file and the run id.
 */
export type RunRecord = json.ShapeOf<typeof runRecord>;
export type WorkFolders = json.ShapeOf<typeof workFolders>;
export type StageRecord = json.ShapeOf<typeof stage>;

const validate = documentValidator(runRecord);

/** The current run, as stages see it. */
export interface RunHandle {
  readonly id: string;
  /** Folder of this run on staging, absolute, without trailing slash. */
  readonly stagingFolder: string;
  record(): RunRecord;
  /** Outputs of a stage that is complete; throws when it is not. */
  outputs(stage: StageName): Readonly<Record<string, unknown>>;
  /** Changes the record and makes it durable before it returns. */
  update(change: (record: RunRecord) => RunRecord): Promise<void>;
  /** Changes the record, and makes it durable while other work goes on: killed meanwhile, it says less than was done. */
  updateMeanwhile(change: (record: RunRecord) => RunRecord): void;
  /** All changes are durable. @throws what kept the last one from it */
  durable(): Promise<void>;
}

/** Takes some hundredths of a second, once: for a moment in which there is nothing else to do. */
export const prepareToReadRecords = (): void => void validate(undefined);

/**
 * A record read from staging is untrusted: staging may have been changed by anybody who can log in there.
 * @throws UnderstudyError RUN_RECORD_INVALID when the text is not a record of this site and run.
 */
export function parseRunRecord(
  bytes: Buffer,
  expected: { readonly site: string; readonly id: string },
): RunRecord {
  const refuse = (why: string): never => {
    throw new UnderstudyError(
      'RUN_RECORD_INVALID',
      `The record of run ${expected.id} cannot be used: ${why}.`,
    );
  };
  const read = readDocument(bytes, validate, refuse);
  if (read.site !== expected.site) refuse('it belongs to another site');
  if (read.id !== expected.id) refuse('it belongs to another run');
  return read;
}
