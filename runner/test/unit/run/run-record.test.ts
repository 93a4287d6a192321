import { describe, expect, test } from '@jest/globals';
import { assertRunId, createRunId, isRunId } from '../../../src/run/run-id.js';
import { parseRunRecord } from '../../../src/run/run-record.js';

const id = '20260101T000000Z-aaaaaa';
const good = {
  version: 1,
  id,
  site: 'acme',
  createdAt: '2026-01-01T00:00:00.000Z',
  configDigest: 'd1',
  parameters: {},
  state: 'running',
  stages: { 'sync-content': { state: 'complete', startedAt: '2026-01-01T00:00:00Z', outputs: { files: 3 } } },
};
const parse = (value: unknown): unknown =>
  parseRunRecord(Buffer.from(JSON.stringify(value)), { site: 'acme', id });

describe('a run id', () => {
  test('sorts by time and is a plain file name', () => {
    expect(createRunId(new Date('2026-11-21T20:15:00Z'))).toMatch(/^20261121T201500Z-[0-9a-f]{6}$/);
  });
  test.each(['', '../x', '20260101T000000Z-aaaaaa/..', '20260101T000000Z-AAAAAA', '$(id)', `${id}\n`])(
    'is not %j',
    (text) => {
      expect(isRunId(text)).toBe(false);
      expect(() => assertRunId(text)).toThrow('is not a run id');
    },
  );
});

describe('a record read from staging', () => {
  test('is taken when it has the shape', () => {
    expect(parse(good)).toEqual(good);
  });
  test.each([
    ['another run', { ...good, id: '20260101T000000Z-bbbbbb' }, 'another run'],
    ['another site', { ...good, site: 'other' }, 'another site'],
    ['a stage that does not exist', { ...good, stages: { evil: {} } }, '/stages must NOT have additional'],
    ['a field that does not exist', { ...good, productionPath: '/' }, 'must NOT have additional'],
    ['another version', { ...good, version: 2 }, '/version'],
    ['an unknown state', { ...good, state: 'done' }, '/state'],
  ])('is refused with %s', (_name, value, sentence) => {
    expect(() => parse(value)).toThrow(sentence);
  });
  test('is refused when it is not JSON', () => {
    expect(() => parseRunRecord(Buffer.from('{"version":'), { site: 'acme', id })).toThrow('it is not JSON');
  });
});
