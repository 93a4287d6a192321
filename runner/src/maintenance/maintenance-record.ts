import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import { UnderstudyError } from '../errors/index.js';
import * as json from '../config/schema/shapes.js';

const sentence = json.text(4000);
const sentences = json.listOf(sentence, { maxItems: 5000 });
const relativePath = json.pathBelow(500);

const tree = json.record({
  /** SHA-256 over the sorted list of the files (mode, type, content, path). */
  digest: json.sha256,
  files: json.whole(),
  bytes: json.amount,
  madeAt: json.time,
});

const checks = json.record({
  passed: json.whole(),
  failed: json.whole(),
  skipped: json.whole(),
  /** One sentence per failed check. */
  failures: sentences,
  /** Of `failed`, those that had passed before the updates; undefined for the baseline itself. */
  newFailures: json.optional(json.whole()),
  /** Folder below the run's workspace with the pictures and checks.json. */
  folder: relativePath,
  finishedAt: json.time,
});

const item = json.record({
  kind: json.oneOf('core', 'plugin', 'theme', 'translations', 'composer'),
  /** Folder name as WordPress calls it; `wordpress` for core. */
  slug: json.textLike('^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$'),
  title: sentence,
  from: sentence,
  /** Version that was offered; '' where none was. */
  offered: sentence,
  /** Version afterwards, read by us from the files, not from what the updater said. */
  to: sentence,
  /** `no-package`: premium, WordPress knows of an update but has no package to install. */
  state: json.oneOf('updated', 'current', 'rolled-back', 'excluded', 'pinned', 'no-package', 'failed'),
  /** What was seen: failed checks, PHP errors, last lines of the updater. */
  evidence: sentences,
  changelog: json.optional(json.textLike('^https://', 500)),
  /** Tables whose rows or structure the update changed; where it was rolled back, they were put back. */
  tables: json.optional(sentences),
  /** Pictures of differences, below the run's workspace folder; `comparedPictures` has those beside them. */
  pictures: json.optional(json.listOf(relativePath)),
  seconds: json.amount,
});

const approval = json.record({
  by: sentence,
  at: json.time,
  how: json.oneOf('person', 'policy'),
  /** Digest of the tested tree that was approved. */
  digest: json.sha256,
});

const promotion = json.record({
  startedAt: json.time,
  finishedAt: json.time,
  /**
   * `running` from before the first change of production until all hosts are on one code again; `failed`: not what was
   * tested, or not proven: nothing archives or publishes it.
   */
  state: json.oneOf('running', 'complete', 'rolled-back', 'failed'),
  hosts: json.listOf(json.record({ host: sentence, digest: json.sha256 })),
  /** Database backup made first; its folder on production. */
  backup: sentence,
  /** How long visitors saw the maintenance page. */
  pageSeconds: json.amount,
  /** Of production, once visitors saw the new code; `newFailures` counts what had passed just before. */
  checks: json.optional(checks),
});

const maintenanceRecord = json.record({
  version: json.constant(1),
  run: json.runId,
  site: json.siteName,
  createdAt: json.time,
  /** The code on production when staging was synced: promotion refuses when it is another by then. */
  productionTree: json.optional(tree),
  baseline: json.optional(checks),
  /** Said once about the whole run: what could not be checked or updated, and why. */
  notes: json.optional(sentences),
  items: json.listOf(item),
  /** After the last update. */
  checks: json.optional(checks),
  /** The tree that was tested; exactly this is promoted, archived and published. */
  testedTree: json.optional(tree),
  approval: json.optional(approval),
  promotion: json.optional(promotion),
  archive: json.optional(json.record({ digest: json.sha256, finishedAt: json.time })),
  publish: json.optional(
    json.record({
      commits: json.listOf(json.textLike('^[0-9a-f]{40,64}$')),
      branch: sentence,
      finishedAt: json.time,
    }),
  ),
});

/**
 * What a maintenance run did so far: `<staging.workDir>/runs/<id>/maintenance.json`, written durably after every item,
 * with a copy in the workspace. Like every record read from staging it is untrusted, and supplies no path, host or command.
 */
export type MaintenanceRecord = json.ShapeOf<typeof maintenanceRecord>;
export type UpdateItem = json.ShapeOf<typeof item>;
export type TreeSummary = json.ShapeOf<typeof tree>;
export type CheckSummary = json.ShapeOf<typeof checks>;
export type Approval = json.ShapeOf<typeof approval>;
export type Promotion = json.ShapeOf<typeof promotion>;

const validate = documentValidator(maintenanceRecord);

/**
 * A record read from staging is untrusted: anyone who can log in there may have changed it.
 * @throws MAINTENANCE_RECORD_INVALID when the text is not a maintenance record of this site and run
 */
export function parseMaintenanceRecord(
  bytes: Buffer,
  expected: { readonly site: string; readonly run: string },
): MaintenanceRecord {
  const refuse = (why: string): never => {
    throw new UnderstudyError(
      'MAINTENANCE_RECORD_INVALID',
      `The maintenance record of run ${expected.run} cannot be used: ${why}.`,
    );
  };
  const read = readDocument(bytes, validate, refuse);
  if (read.site !== expected.site) refuse('it belongs to another site');
  if (read.run !== expected.run) refuse('it belongs to another run');
  return read;
}
