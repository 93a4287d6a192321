import { documentValidator, readDocument } from '../../config/schema/document-validator.js';
import { type CheckRun } from './check-result.js';

/** The checks before and after the updates: with the record, all that the report is made of. */
export interface CheckedRuns {
  readonly baseline: CheckRun;
  readonly final: CheckRun;
}

const text = { type: 'string', maxLength: 100_000 };
const texts = { type: 'array', maxItems: 20_000, items: text };
/** Of something below the run's folder: never absolute, never upwards. */
const relativePath = { type: 'string', maxLength: 1000, pattern: '^(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\0\\n]*$' };
const object = (properties: Record<string, object>, optional: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
const list = (items: object): object => ({ type: 'array', maxItems: 100_000, items });

const result = object(
  {
    id: text,
    kind: { enum: ['page', 'time', 'php', 'log', 'asset', 'text', 'form', 'console', 'picture'] },
    path: text,
    state: { enum: ['passed', 'failed', 'skipped'] },
    message: text,
    picture: relativePath,
  },
  ['picture'],
);
const run = object({
  name: text,
  startedAt: text,
  finishedAt: text,
  results: list(result),
  pictures: list(object({ path: text, file: relativePath })),
  pages: list(object({ path: text, why: text, kind: { enum: ['html', 'feed', 'rest', 'sitemap'] } })),
  notes: texts,
});

const validate = documentValidator<CheckedRuns>(object({ baseline: run, final: run }));

/** @param refuse throws what the caller makes of bytes that are no checks: they lay on a host */
export const parseCheckedRuns = (bytes: Buffer, refuse: (why: string) => never): CheckedRuns =>
  readDocument(bytes, validate, refuse);
