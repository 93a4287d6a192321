import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import { STAGES } from '../config/stage-list.js';
import { UnderstudyError } from '../errors/index.js';
import { type RunRecord } from './run-record.js';

const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' };
const folder = { type: 'string', maxLength: 4096 };
const stage = {
  type: 'object',
  additionalProperties: false,
  required: ['state', 'startedAt'],
  properties: {
    state: { enum: ['running', 'complete', 'failed', 'aborted', 'skipped'] },
    startedAt: time,
    finishedAt: time,
    summary: { type: 'string', maxLength: 4000 },
    outputs: { type: 'object' },
  },
};

const validate = documentValidator<RunRecord>({
  type: 'object',
  additionalProperties: false,
  required: ['version', 'id', 'site', 'createdAt', 'configDigest', 'parameters', 'state', 'stages'],
  properties: {
    version: { const: 1 },
    id: { type: 'string', pattern: '^\\d{8}T\\d{6}Z-[0-9a-f]{6}$' },
    site: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' },
    createdAt: time,
    configDigest: { type: 'string', maxLength: 128 },
    configCommit: { type: 'string', pattern: '^[0-9a-f]{7,64}$' },
    parameters: {
      type: 'object',
      additionalProperties: { anyOf: [{ type: 'string' }, { type: 'boolean' }] },
    },
    state: { enum: ['running', 'complete', 'failed', 'aborted'] },
    mode: { enum: ['swap', 'replace'] },
    folders: {
      type: 'object',
      additionalProperties: false,
      required: ['staging', 'production'],
      properties: { staging: folder, production: folder },
    },
    stages: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(STAGES.map(({ name }) => [name, stage])),
    },
  },
});

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
  const record = readDocument(bytes, validate, refuse);
  if (record.site !== expected.site) refuse('it belongs to another site');
  if (record.id !== expected.id) refuse('it belongs to another run');
  return record;
}
