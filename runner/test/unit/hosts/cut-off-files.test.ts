import { expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { shellScript } from '../../../src/commands/command.js';
import { MANIFEST_SCRIPT } from '../../../src/commands/scripts/backup-scripts.js';
import { putNew, type PrepareContext } from '../../../src/pipelines/prepare/prepare-types.js';
import { addLines, writeHostFile } from '../../../src/hosts/host-files.js';
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

test('nothing is put in place, or added, of what was cut off', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'understudy-cut-'));
  const file = path.join(folder, 'lines');
  const refuse = (why: string): never => {
    throw new Error(why);
  };
  try {
    await addLines(createLocalHost('staging', 'staging'), file, 'one\ntwo\n', { maxBytes: 99, refuse });
    const cut = cutAfter(4);
    await expect(addLines(cut, file, 'three\n', { maxBytes: 99, refuse })).rejects.toThrow();
    const context = { staging: cut } as unknown as PrepareContext;
    await expect(putNew(context, path.join(folder, 'wp-config.php'), '0640', '<?php 1;')).rejects.toThrow();
    const backup = [folder, '8'];
    await expect(
      cut.run(shellScript('write', MANIFEST_SCRIPT, backup), { stdin: '{"a": 1}' }),
    ).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expect(readdirSync(folder)).toEqual(['lines']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
