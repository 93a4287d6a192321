import { accessSync, constants, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { maskDocument, maskValues, UnderstudyError } from '../errors/index.js';
import { keepFile } from './keep-file.js';
import { type RunRecord } from './run-record.js';

/**
 * What a run leaves on the machine of the runner: `<workspace>/<site>/<run>/` with events.ndjson, record.json,
 * report.html (with report.css), report.md and junit.xml, and `<workspace>/<site>/result.json`, which names the latest.
 */
export interface RunWorkspace {
  readonly folder: string;
  readonly eventsFile: string;
  write(name: string, text: string): void;
}

/**
 * Before anything else is done: events and reports can be written.
 * @throws USAGE
 */
export function ensureWorkspace(workspace: string): void {
  const folder = path.resolve(workspace);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why =
      code === 'EEXIST' || code === 'ENOTDIR' ? 'it is no folder' : `it cannot be written (${code})`;
    throw new UnderstudyError('USAGE', `The workspace ${folder} cannot be used: ${why}.`, {
      next: 'Name a folder that this account can write with --workspace.',
      cause,
    });
  }
}

export function openRunWorkspace(workspace: string, site: string, run: string): RunWorkspace {
  const folder = path.resolve(workspace, site, run);
  keepFile(() => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  return {
    folder,
    eventsFile: path.join(folder, 'events.ndjson'),
    write: (name, text) => {
      keepFile(() => {
        replaceFile(path.join(folder, name), text);
      });
    },
  };
}

/**
 * A file that people or Jenkins read: masked, JSON value by value. Never half written, because Jenkins may read it at any moment.
 */
export function replaceFile(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${String(process.pid)}.tmp`;
  try {
    writeFileSync(temporary, masked(file, text), { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

const masked = (file: string, text: string): string =>
  maskDocument(
    file.endsWith('.json') ? `${JSON.stringify(maskValues(JSON.parse(text) as unknown), null, 2)}\n` : text,
  );

export const saveRecordCopy = (workspace: RunWorkspace, record: RunRecord): void => {
  workspace.write('record.json', `${JSON.stringify(record, null, 2)}\n`);
};
