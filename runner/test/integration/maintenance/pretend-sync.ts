import { mkdirSync, writeFileSync } from 'node:fs';

export const RUN = '20261121T201500Z-3f9a1c';

/** Of the sync only the record is needed here: what it copies is tried elsewhere. @param folder of the run on staging */
export function pretendSync(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const done = { state: 'complete', startedAt: '2026-11-21T20:15:00Z', finishedAt: '2026-11-21T20:16:00Z' };
  const record = {
    version: 1,
    id: RUN,
    site: 'acme',
    createdAt: '2026-11-21T20:15:00Z',
    configDigest: 'x',
    parameters: {},
    state: 'complete',
    stages: { 'sync-content': done },
  };
  writeFileSync(`${folder}/record.json`, JSON.stringify(record));
}
