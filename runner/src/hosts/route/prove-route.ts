import { randomBytes } from 'node:crypto';
import { shellScript } from '../../commands/command.js';
import { quoteForAnyShell } from '../../commands/quote.js';
import { findingOf, UnderstudyError, type Finding } from '../../errors/index.js';
import { type SshRoute } from './ssh-route.js';

/** Asks the target to speak. Where it does not, the exit code says why: 51 no agent, 54 agent without the key. */
const PROOF = `[ -n "$SSH_AUTH_SOCK" ] && [ -S "$SSH_AUTH_SOCK" ] || exit 51
"$@" && exit 0
code=$?
ssh-add -l >/dev/null 2>&1 || exit 54
exit "$code"`;

/** OpenSSH's first choice withstands quantum computers and takes longer; a proof carries nothing that needs it. */
const QUICK_KEY_EXCHANGE = ['-o', 'KexAlgorithms=^curve25519-sha256'];

/**
 * A direct route, end to end: agent visible on the client, target answered with the pinned key and let the client in,
 * rsync is there. Each finding names the line to change. Changes nothing.
 */
export async function proveRoute(route: SshRoute): Promise<Finding[]> {
  const nonce = randomBytes(8).toString('hex');
  // The target's login shell reads the last word, whichever that is.
  const asked = `exec ${quoteForAnyShell(['sh', '-c', `echo ${nonce}; command -v rsync`])}`;
  const words = [...route.shellWords, ...QUICK_KEY_EXCHANGE, route.remote, asked];
  try {
    const result = await route.run(shellScript('read', PROOF, words), {
      allowedExitCodes: 'any',
      timeoutSeconds: 60,
      label: `ssh from ${route.clientLabel} to ${route.targetLabel}`,
    });
    const [noise = '', rsync] = result.stdout.toString().split(`${nonce}\n`);
    if (rsync !== undefined && noise !== '') return [noisyShell(route, noise)];
    if (rsync !== undefined && rsync !== '') return route.keyIsConstrained ? [] : [unconstrained(route)];
    if (rsync !== undefined)
      return [refusal(route, `rsync is missing on ${route.targetLabel}.`, 'Install rsync there.')];
    return [explain(route, result.code, result.stderr)];
  } catch (error) {
    if (error instanceof UnderstudyError && error.code !== 'INTERRUPTED') return [explainError(route, error)];
    throw error;
  }
}

const refusal = (route: SshRoute, message: string, next: string): Finding => ({
  severity: 'error',
  code: 'ROUTE_REFUSED',
  message,
  host: route.clientLabel,
  next,
});

const unconstrained = (route: SshRoute): Finding => ({
  severity: 'info',
  code: 'KEY_NOT_CONSTRAINED',
  message: `The key for ${route.targetLabel} cannot be limited to that host: this needs OpenSSH 8.9 on the runner and on ${route.clientLabel}.`,
  host: route.clientLabel,
  next: 'Nothing has to be done; the key is lent for the time of a transfer only.',
});

/** rsync takes every byte of its remote shell for its own protocol. */
const noisyShell = (route: SshRoute, noise: string): Finding =>
  refusal(
    route,
    `The login shell of ${route.targetLabel} prints text before any command, which rsync cannot handle: “${noise.trim().slice(0, 300)}”.`,
    'Make the shell’s start files print only in interactive sessions (in ~/.bashrc: case $- in *i*) … ;; esac).',
  );

const agentLine = (route: SshRoute): string =>
  `Put "AllowAgentForwarding yes" into sshd_config on ${route.clientLabel}, and check that neither DisableForwarding nor restrict or no-agent-forwarding in authorized_keys forbids it; reload sshd.`;

function explainError(route: SshRoute, error: UnderstudyError): Finding {
  if (error.message.includes('agent forwarding'))
    return refusal(route, `${route.clientLabel} does not take a forwarded ssh-agent.`, agentLine(route));
  return findingOf(error);
}

function explain(route: SshRoute, code: number, stderr: string): Finding {
  const { clientLabel, targetLabel } = route;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (code === 51)
    return refusal(route, `${clientLabel} does not take a forwarded ssh-agent.`, agentLine(route));
  if (code === 54)
    return refusal(
      route,
      `The lent key is not visible in the agent on ${clientLabel}.`,
      `Check that ssh-add is installed there and that no login script sets SSH_AUTH_SOCK; then: ${agentLine(route)}`,
    );
  if (/host key verification failed|host key .*changed/i.test(stderr))
    return refusal(
      route,
      `${targetLabel} shows ${clientLabel} another host key than the runner.`,
      'Find out who answers at that address on the client; the connection may be intercepted.',
    );
  if (/permission denied/i.test(stderr))
    return refusal(
      route,
      `${targetLabel} does not let ${clientLabel} in with the lent key.`,
      'Check a from="…" in authorized_keys and AllowUsers in sshd_config on the target: the connection comes from another address there.',
    );
  const problem = route.lastProblem();
  const why = problem instanceof Error ? problem.message : said;
  return refusal(
    route,
    `${clientLabel} cannot reach ${targetLabel}: ${why === '' ? `exit code ${String(code)}` : why}.`,
    'Open the firewall between the two, or set content.route: tunnel.',
  );
}
