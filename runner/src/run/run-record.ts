import { type Site } from '../config/site.js';
import { type StageName } from '../config/stage-list.js';
import { type WritingHost } from '../hosts/host.js';

/** Where the records of a site's runs lie. */
export interface RunStore {
  readonly staging: WritingHost;
  /** Absolute work folder on staging. */
  readonly stagingWorkDir: string;
  readonly site: Site;
  /** Folder on this machine that holds copies of the records. */
  readonly workspace: string;
}

/**
 * The record of a run: a JSON document in `<staging.workDir>/runs/<id>/record.json`, written by temporary file, fsync,
 * rename. It is untrusted input: validated by schema when read, and it never supplies a path, host or
 * command for production; those come from the site file and the run id.
 */
export interface RunRecord {
  readonly version: 1;
  /** `20261121T201500Z-3f9a1c`: sorts by time. */
  readonly id: string;
  readonly site: string;
  readonly createdAt: string;
  readonly configDigest: string;
  /** Commit of the site files, where known. */
  readonly configCommit?: string;
  readonly parameters: Readonly<Record<string, string | boolean>>;
  readonly state: 'running' | 'complete' | 'failed' | 'aborted';
  readonly mode?: 'swap' | 'replace';
  /** The work folders when the run began, absolute. They are compared and never used as paths. */
  readonly folders?: WorkFolders;
  readonly stages: { readonly [Name in StageName]?: StageRecord };
}

export interface WorkFolders {
  readonly staging: string;
  readonly production: string;
}

export interface StageRecord {
  readonly state: 'running' | 'complete' | 'failed' | 'aborted' | 'skipped';
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly summary?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The current run, as stages see it. */
export interface RunHandle {
  readonly id: string;
  /** Folder of this run on staging, absolute, without trailing slash. */
  readonly stagingFolder: string;
  record(): RunRecord;
  /** Outputs of a stage that is complete; throws when it is not. */
  outputs(stage: StageName): Readonly<Record<string, unknown>>;
  /** Changes the record and makes it durable before it returns. */
  update(change: (record: RunRecord) => RunRecord): Promise<void>;
}
