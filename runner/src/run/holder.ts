import { hostname, userInfo } from 'node:os';
import { type LockHolder } from './lock.js';

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
