import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { maskSecrets } from '../errors/index.js';
import { type RunRecord } from './run-record.js';

/**
 * What a run leaves on the machine of the runner: `<workspace>/<site>/<run>/` with events.ndjson, record.json,
 * report.html, report.md and junit.xml, and `<workspace>/<site>/result.json`, which names the latest.
 */
export interface RunWorkspace {
  readonly folder: string;
  readonly siteFolder: string;
  readonly eventsFile: string;
  write(name: string, text: string): void;
}

export function openRunWorkspace(workspace: string, site: string, run: string): RunWorkspace {
  const siteFolder = path.resolve(workspace, site);
  const folder = path.join(siteFolder, run);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    folder,
    siteFolder,
    eventsFile: path.join(folder, 'events.ndjson'),
    write: (name, text) => {
      replaceFile(path.join(folder, name), text);
    },
  };
}

/** Masked; never half written, because Jenkins may read it at any moment. */
export function replaceFile(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${String(process.pid)}.tmp`;
  writeFileSync(temporary, maskSecrets(text), { mode: 0o600 });
  renameSync(temporary, file);
}

export const saveRecordCopy = (workspace: RunWorkspace, record: RunRecord): void => {
  workspace.write('record.json', `${JSON.stringify(record, null, 2)}\n`);
};
