import { maskSecrets } from '../../errors/index.js';
import { type Side } from '../host.js';

/** What programs need to run at all, and nothing that could be a secret. */
const HARMLESS =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TERM|DOCKER_HOST|XDG_RUNTIME_DIR)$/;
/** Credentials that Jenkins gives the runner; see config/secrets/secret-reference.ts. */
const CREDENTIAL = /^UNDERSTUDY_CREDENTIAL_/;

/**
 * The environment of a process that is started on the runner's machine. Only the runner's own environment may hold
 * secrets. A site's host gets what is harmless: its PHP runs wp-config.php, which is not ours. Tools of the runner
 * (`aws`, a declared command that finds hosts) keep settings of their own, but no credential of a site.
 */
export function childEnvironment(
  side: Side,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const passes = (name: string, value: string): boolean =>
    side === 'runner' ? !CREDENTIAL.test(name) && maskSecrets(value) === value : HARMLESS.test(name);
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && passes(name, value) ? [[name, value]] : [],
    ),
  );
}

/** For programs that need nothing of the runner's settings: ssh, ssh-add, ssh-agent. */
export const bareEnvironment = (): Record<string, string> => childEnvironment('staging');
