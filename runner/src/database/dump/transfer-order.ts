import { type ProductionHost, type WritingHost } from '../../hosts/host.js';
import { type Route } from '../../hosts/route/route.js';
import { type OnProgress } from '../../run/progress.js';

export interface TransferOrder {
  /** Production's database host: has the backup, runs rsync. */
  readonly client: ProductionHost;
  readonly target: WritingHost;
  readonly route: Route;
  /** Folder of the backup on the client, and where it goes on the target; absolute, `<folder>/<run>/backup`. */
  readonly source: string;
  readonly destination: string;
  /** As the run record has it: hex SHA-256 of manifest.json. */
  readonly manifestSha256: string;
  readonly run: string;
  readonly site: string;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly onRetry: (why: string) => void;
  readonly timeoutSeconds: number;
}
