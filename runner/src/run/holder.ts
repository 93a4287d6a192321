import { hostname, userInfo } from 'node:os';
import { mappingOf } from '../config/mapping.js';

/** Who holds the lock; shown to anyone who finds it taken. */
export interface LockHolder {
  readonly run: string;
  /** `jenkins build 41 of acme/sync` or `ada@laptop`. */
  readonly holder: string;
  /** URL of the build, '' without one. */
  readonly build: string;
  readonly phase: 'running' | 'between-stages' | 'awaiting-approval';
}

/** Who runs this process, as others read it in the lock. Jenkins says it in its environment. */
export function describeHolder(environment: NodeJS.ProcessEnv): Pick<LockHolder, 'holder' | 'build'> {
  const job = environment['JOB_NAME'];
  const build = environment['BUILD_NUMBER'];
  if (job !== undefined && build !== undefined) {
    return { holder: `Jenkins build ${build} of ${job}`, build: environment['BUILD_URL'] ?? '' };
  }
  return { holder: `${userName()}@${hostname()}`, build: '' };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // An agent's container may run under a uid that no passwd entry has.
    return `uid ${String(process.getuid?.() ?? 0)}`;
  }
}

/** What a holder wrote of itself. Cut off while it was written, or by others: then nothing is known of it. */
export function parseHolder(text: string): Readonly<Record<string, unknown>> {
  try {
    return mappingOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** One line that can be shown. */
export const holderWord = (value: unknown): string =>
  typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) : '';
