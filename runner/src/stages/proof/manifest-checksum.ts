import { UnderstudyError } from '../../errors/index.js';
import { type StageContext } from '../stage.js';

/**
 * SHA-256 of the backup's manifest, hex, as a stage put it into the run record: stage 2 of production's, stage 3 of
 * staging's (another one where staging's zstd compressed the same rows to other bytes).
 * @throws MANIFEST_INVALID
 */
export function manifestSha256Of(
  context: StageContext,
  stage: 'backup-database' | 'transfer-backup' = 'transfer-backup',
): string {
  const value = context.run.outputs(stage)['manifestSha256'];
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new UnderstudyError('MANIFEST_INVALID', 'The run record has no checksum of the manifest.');
}
