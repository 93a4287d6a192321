import { UnderstudyError } from '../../errors/index.js';
import { type StageContext } from '../stage.js';

/** SHA-256 of the backup's manifest, hex, as stage 2 put it into the run record. @throws MANIFEST_INVALID */
export function manifestSha256Of(context: StageContext): string {
  const value = context.run.outputs('backup-database')['manifestSha256'];
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new UnderstudyError('MANIFEST_INVALID', 'The run record has no checksum of the manifest.');
}
