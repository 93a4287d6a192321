import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEventLog } from '../../../src/report/events/event-log.js';
import { readEvents } from '../../../src/report/run/run-report.js';
import { keepFile } from '../../../src/run/keep-file.js';
import { writeOutcome } from '../../../src/run/result.js';
import { openRunWorkspace } from '../../../src/run/workspace.js';

const RUN = '20261128T201500Z-3f9a1c';
let folder: string;
let said = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-full-'));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** /dev/full answers every write with ENOSPC. */
describe('a disk of the runner that is full', () => {
  test('stops no step, and is reported once', () => {
    const file = path.join(folder, 'events.ndjson');
    symlinkSync('/dev/full', file);
    const events = createEventLog(file, RUN, 'acme');
    events.write({ type: 'step', text: 'Putting the files in place' });
    events.write({ type: 'step', text: 'Restoring staging' });
    expect(said.match(/WORKSPACE_UNWRITABLE: .*ENOSPC/g)).toHaveLength(1);
  });
  test('stops no report and no outcome, and leaves no half file', () => {
    writeFileSync(path.join(folder, 'acme'), 'a file where the folder should be');
    const workspace = openRunWorkspace(folder, 'acme', RUN);
    workspace.write('report.md', 'text');
    writeOutcome(folder, { version: 1, command: 'sync', site: 'acme', run: RUN, exitCode: 0, summary: '' });
    expect(readEvents(workspace.eventsFile)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['acme', 'events.ndjson']);
  });
  test('hides no bug', () => {
    expect(() =>
      keepFile(() => {
        throw new TypeError('a bug');
      }),
    ).toThrow('a bug');
  });
});
