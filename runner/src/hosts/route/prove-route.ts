import { randomBytes } from 'node:crypto';
import { shellScript, type Command, type ReadCommand } from '../../commands/command.js';
import { quoteForAnyShell } from '../../commands/quote.js';
import { findingOf, UnderstudyError, type Finding } from '../../errors/index.js';
import { type CommandResult } from '../host.js';
import { openRoute, type OpenedRoute, type RouteOptions } from './open-route.js';

/** Asks the target to speak. Where it does not, the exit code says why: 51 no agent, 54 agent without the key. */
const PROOF = `[ -n "$SSH_AUTH_SOCK" ] && [ -S "$SSH_AUTH_SOCK" ] || exit 51
"$@" && exit 0
code=$?
ssh-add -l >/dev/null 2>&1 || exit 54
exit "$code"`;

/**
 * Preflight of a route, end to end: forward opened, agent visible on the client, target answered with the
 * pinned key and let the client in, rsync is there. Each finding names the line to change. Changes nothing.
 * @param keep takes over a route without a fault; without it the route is closed again
 * @param prove the proof, when it is to be another one
 */
export async function checkRoute(
  options: RouteOptions,
  keep?: (route: OpenedRoute) => void,
  prove: (route: OpenedRoute) => Promise<Finding[]> = proveRoute,
): Promise<Finding[]> {
  let route: OpenedRoute | undefined;
  try {
    route = await openRoute(options);
    const findings = await prove(route);
    if (keep !== undefined && findings.every(({ severity }) => severity !== 'error')) {
      keep(route);
      route = undefined;
    }
    return findings;
  } catch (error) {
    if (error instanceof UnderstudyError && error.code !== 'INTERRUPTED') return [findingOf(error)];
    throw error;
  } finally {
    await route?.close();
  }
}

/** The same for a route that is open already. */
export async function proveRoute(route: OpenedRoute): Promise<Finding[]> {
  if (route.kind === 'local') return [];
  const nonce = randomBytes(8).toString('hex');
  // The target's login shell reads the last word, whichever that is.
  const asked = `exec ${quoteForAnyShell(['sh', '-c', `echo ${nonce}; command -v rsync`])}`;
  const run: RunProof = (command, signal) =>
    route.run(command, {
      allowedExitCodes: 'any',
      timeoutSeconds: 60,
      signal,
      label: `ssh from ${route.clientLabel} to ${route.targetLabel}`,
    });
  try {
    const shared = await proveShared(route, run, asked);
    const words = [...route.shellWords, ...route.proofWords, route.remote, asked];
    const result =
      shared !== undefined && shared.stdout.includes(nonce)
        ? shared
        : await run(shellScript('read', PROOF, words));
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

/** Removes the sockets that runs which were killed have left in the work folder $1. */
const REMOVE_SOCKETS = 'rm -f -- "$1"/ssh-*';

/**
 * The proof, leaving its connection to the calls after it, on a socket. The agent signs, and so lets it in, when it is
 * known that something may be written on the client and the work folder is there. Where that does not work (a file
 * system without sockets), the proof is made once more without it.
 */
async function proveShared(
  route: OpenedRoute,
  run: RunProof,
  asked: string,
): Promise<CommandResult | undefined> {
  const { sharing } = route;
  if (sharing === undefined) return undefined;
  const refused = new AbortController();
  const words = [...route.shellWords, ...sharing.masterWords, route.remote, asked];
  const proving = unlessBroken(run(shellScript('read', PROOF, words), refused.signal), refused.signal);
  const { folder } = sharing;
  const prepare = shellScript('known-hosts', REMOVE_SOCKETS, [folder], folder);
  const isPrepared = (await sharing.allowed) && (await unlessBroken(run(prepare)))?.code === 0;
  if (!isPrepared) {
    refused.abort();
    await proving;
  }
  route.letSign();
  const result = await proving;
  if (result?.code !== 0) sharing.stop();
  return result?.code === 0 ? result : undefined;
}

type RunProof = (command: ReadCommand | Command, signal?: AbortSignal) => Promise<CommandResult>;

/** Undefined where it did not come to a result. @param own what may have ended it instead of the run's own end */
const unlessBroken = (
  result: Promise<CommandResult>,
  own?: AbortSignal,
): Promise<CommandResult | undefined> =>
  result.catch((error: unknown) => {
    if (error instanceof UnderstudyError && error.code === 'INTERRUPTED' && own?.aborted !== true)
      throw error;
    return undefined;
  });

const refusal = (route: OpenedRoute, message: string, next: string): Finding => ({
  severity: 'error',
  code: 'ROUTE_REFUSED',
  message,
  host: route.clientLabel,
  next,
});

const unconstrained = (route: OpenedRoute): Finding => ({
  severity: 'info',
  code: 'KEY_NOT_CONSTRAINED',
  message: `The key for ${route.targetLabel} cannot be limited to that host: this needs OpenSSH 8.9 on the runner and on ${route.clientLabel}.`,
  host: route.clientLabel,
  next: 'Nothing has to be done; the key is lent for the time of a transfer only.',
});

/** rsync takes every byte of its remote shell for its own protocol. */
const noisyShell = (route: OpenedRoute, noise: string): Finding =>
  refusal(
    route,
    `The login shell of ${route.targetLabel} prints text before any command, which rsync cannot handle: “${noise.trim().slice(0, 300)}”.`,
    'Make the shell’s start files print only in interactive sessions (in ~/.bashrc: case $- in *i*) … ;; esac).',
  );

const agentLine = (route: OpenedRoute): string =>
  `Put "AllowAgentForwarding yes" into sshd_config on ${route.clientLabel}, and check that neither DisableForwarding nor restrict or no-agent-forwarding in authorized_keys forbids it; reload sshd.`;

function explainError(route: OpenedRoute, error: UnderstudyError): Finding {
  if (error.message.includes('agent forwarding'))
    return refusal(route, `${route.clientLabel} does not take a forwarded ssh-agent.`, agentLine(route));
  return findingOf(error);
}

function explain(route: OpenedRoute, code: number, stderr: string): Finding {
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
    route.kind === 'direct'
      ? 'Open the firewall between the two, or set content.route: tunnel.'
      : `Check that the runner reaches ${targetLabel}, and "AllowTcpForwarding" in sshd_config on ${clientLabel}.`,
  );
}
