/**
 * What a maintenance run did so far: `<staging.workDir>/runs/<id>/maintenance.json`, written durably after every item,
 * with a copy in the workspace. Like every record read from staging it is untrusted: it is validated by schema when
 * read (maintenance/maintenance-store.ts) and supplies no path, host or command.
 */
export interface MaintenanceRecord {
  readonly version: 1;
  readonly run: string;
  readonly site: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The code on production when staging was synced: promotion refuses when it is another by then. */
  readonly productionTree?: TreeSummary;
  readonly baseline?: CheckSummary;
  /** Said once about the whole run: what could not be checked or updated, and why. */
  readonly notes?: readonly string[];
  readonly items: readonly UpdateItem[];
  /** After the last update. */
  readonly checks?: CheckSummary;
  /** The tree that was tested; exactly this is promoted, archived and published. */
  readonly testedTree?: TreeSummary;
  readonly approval?: Approval;
  readonly promotion?: Promotion;
  readonly archive?: { readonly digest: string; readonly finishedAt: string };
  readonly publish?: {
    readonly commits: readonly string[];
    readonly branch: string;
    readonly finishedAt: string;
  };
}

export interface UpdateItem {
  readonly kind: 'core' | 'plugin' | 'theme' | 'translations' | 'composer';
  /** Folder name as WordPress calls it; `wordpress` for core. */
  readonly slug: string;
  readonly title: string;
  /** Version before. */
  readonly from: string;
  /** Version that was offered; '' where none was. */
  readonly offered: string;
  /** Version afterwards, read by us from the files, not from what the updater said. */
  readonly to: string;
  readonly state:
    | 'updated'
    | 'current'
    | 'rolled-back'
    | 'excluded'
    | 'pinned'
    /** Premium: WordPress knows of an update but has no package to install. */
    | 'no-package'
    | 'failed';
  /** What was seen: failed checks, PHP errors, last lines of the updater. */
  readonly evidence: readonly string[];
  readonly changelog?: string;
  /** Tables whose rows or structure the update changed; where it was rolled back, they were put back. */
  readonly tables?: readonly string[];
  /** Pictures of differences, below the run's workspace folder; `comparedPictures` has those beside them. */
  readonly pictures?: readonly string[];
  readonly seconds: number;
}

export interface TreeSummary {
  /** SHA-256 over the sorted list of the files (mode, type, content, path). */
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
  readonly madeAt: string;
}

export interface CheckSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One sentence per failed check. */
  readonly failures: readonly string[];
  /** Of `failed`, those that had passed before the updates; undefined for the baseline itself. */
  readonly newFailures?: number;
  /** Folder below the run's workspace with the pictures and checks.json. */
  readonly folder: string;
  readonly finishedAt: string;
}

export interface Approval {
  readonly by: string;
  readonly at: string;
  readonly how: 'person' | 'policy';
  /** Digest of the tested tree that was approved. */
  readonly digest: string;
}

export interface Promotion {
  readonly startedAt: string;
  readonly finishedAt: string;
  /**
   * `running` from before the first change of production until all hosts are on one code again; `failed`: not what was
   * tested, or not proven: nothing archives or publishes it.
   */
  readonly state: 'running' | 'complete' | 'rolled-back' | 'failed';
  readonly hosts: readonly { readonly host: string; readonly digest: string }[];
  /** Database backup made first; its folder on production. */
  readonly backup: string;
  /** How long visitors saw the maintenance page. */
  readonly pageSeconds: number;
  /** Of production, once visitors saw the new code; `newFailures` counts what had passed just before. */
  readonly checks?: CheckSummary;
}
