import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import { UnderstudyError } from '../errors/index.js';
import { type MaintenanceRecord } from './maintenance-record.js';

const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' };
const text = { type: 'string', maxLength: 4000 };
const texts = { type: 'array', maxItems: 5000, items: text };
const count = { type: 'integer', minimum: 0 };
const number = { type: 'number', minimum: 0 };
const digest = { type: 'string', pattern: '^[0-9a-f]{64}$' };
/** Of something below a folder of ours: never absolute, never upwards. */
const relativePath = { type: 'string', maxLength: 500, pattern: '^(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\0\\n]*$' };

const object = (properties: Record<string, object>, optional: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

const tree = object({ digest, files: count, bytes: number, madeAt: time });
const checks = object(
  {
    passed: count,
    failed: count,
    skipped: count,
    failures: texts,
    newFailures: count,
    folder: relativePath,
    finishedAt: time,
  },
  ['newFailures'],
);
const item = object(
  {
    kind: { enum: ['core', 'plugin', 'theme', 'translations', 'composer'] },
    slug: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$' },
    title: text,
    from: text,
    offered: text,
    to: text,
    state: {
      enum: ['updated', 'current', 'rolled-back', 'excluded', 'pinned', 'no-package', 'failed'],
    },
    evidence: texts,
    changelog: { type: 'string', maxLength: 500, pattern: '^https://' },
    tables: texts,
    pictures: { type: 'array', items: relativePath },
    seconds: number,
  },
  ['changelog', 'tables', 'pictures'],
);

const validate = documentValidator<MaintenanceRecord>(
  object(
    {
      version: { const: 1 },
      run: { type: 'string', pattern: '^\\d{8}T\\d{6}Z-[0-9a-f]{6}$' },
      site: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' },
      createdAt: time,
      productionTree: tree,
      baseline: checks,
      notes: texts,
      items: { type: 'array', items: item },
      checks,
      testedTree: tree,
      approval: object({ by: text, at: time, how: { enum: ['person', 'policy'] }, digest }),
      promotion: object(
        {
          startedAt: time,
          finishedAt: time,
          state: { enum: ['running', 'complete', 'rolled-back', 'failed'] },
          hosts: { type: 'array', items: object({ host: text, digest }) },
          backup: text,
          pageSeconds: number,
          checks,
        },
        ['checks'],
      ),
      archive: object({ digest, finishedAt: time }),
      publish: object({
        commits: { type: 'array', items: { type: 'string', pattern: '^[0-9a-f]{40,64}$' } },
        branch: text,
        finishedAt: time,
      }),
    },
    [
      'productionTree',
      'baseline',
      'notes',
      'checks',
      'testedTree',
      'approval',
      'promotion',
      'archive',
      'publish',
    ],
  ),
);

/**
 * A record read from staging is untrusted: whoever can log in there may have changed it.
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
  const record = readDocument(bytes, validate, refuse);
  if (record.site !== expected.site) refuse('it belongs to another site');
  if (record.run !== expected.run) refuse('it belongs to another run');
  return record;
}
