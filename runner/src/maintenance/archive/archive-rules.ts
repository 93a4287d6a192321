import { type ArchiveSettings } from '../../config/sections.js';
import { type CodeRules } from '../tree/code-rules.js';

/**
 * Names that never go into the archive, wherever they lie: configuration with passwords, keys, dumps. What is only
 * sometimes a secret (`*.pem`, `*.sql`) is reported by its content when it is published (publish/secret-scan.ts).
 */
const SECRET_NAMES = [
  'wp-config.php.*',
  'wp-config.php~',
  'wp-config-local.php',
  'wp-config.bak',
  '.wp-config.php.sw?',
  '.netrc',
  '.git-credentials',
  '.aws',
  '.ssh',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ed25519',
  '*.p12',
  '*.pfx',
  '*.kdbx',
  '*.sql.gz',
  '*.sql.zst',
  '*.sql.bz2',
  '*.sql.xz',
  '*.sql.zip',
] as const;

/** The code of a site (which leaves out configuration, media and caches already) without secrets and declared excludes. */
export const archiveRules = (code: CodeRules, { exclude }: Pick<ArchiveSettings, 'exclude'>): CodeRules => ({
  roots: code.roots,
  filters: [...[...SECRET_NAMES, ...exclude].map((pattern) => `- ${pattern}`), ...code.filters],
});
