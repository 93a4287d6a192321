import { expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeHostFile } from '../../../src/hosts/host-files.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';

/** What the host sees of a runner that is killed: its input ends. @param bytes that came before */
const cutAfter = (bytes: number): WritingHost => {
  const host = createLocalHost('staging', 'staging');
  return {
    ...host,
    run: (command, options = {}) =>
      host.run(command, { ...options, stdin: String(options.stdin).slice(0, bytes) }),
  };
};

test('a file whose content is cut off stays what it was', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'understudy-cut-'));
  const file = path.join(folder, 'record.json');
  try {
    await writeHostFile(createLocalHost('staging', 'staging'), file, '{"former":"ü"}');
    for (const bytes of [0, 5]) {
      const writing = writeHostFile(cutAfter(bytes), file, '{"newer":true}');
      await expect(writing).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
      expect(readFileSync(file, 'utf8')).toBe('{"former":"ü"}');
    }
    expect(readdirSync(folder)).toEqual(['record.json']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
