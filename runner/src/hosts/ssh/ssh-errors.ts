import { UnderstudyError } from '../../errors/index.js';
import { type StreamTarget } from '../host.js';
import { targetText } from '../local-host.js';

interface Ssh2Error extends Error {
  readonly level?: string;
  readonly code?: string | number;
  readonly reason?: number | string;
}

/** Why a connection did not come about, as an error that a person can act on. */
export function connectFailed(
  label: string,
  endpoint: string,
  seconds: number,
  { cause, user, tried }: { readonly cause: unknown; readonly user: string; readonly tried: string },
): UnderstudyError {
  if (cause instanceof UnderstudyError) return cause;
  const error = cause as Ssh2Error;
  if (error.level === 'client-authentication')
    return new UnderstudyError(
      'HOST_AUTH_FAILED',
      `${label} accepts none of the runner's keys for the account ${user}.`,
      {
        host: label,
        details: [`tried: ${tried}`],
        next: `Check the name of the account, and that the public key stands in ~/.ssh/authorized_keys of ${user} there (by hand: ssh-copy-id). Another key: ssh.key in the site file.`,
        cause,
      },
    );
  return new UnderstudyError(
    'HOST_UNREACHABLE',
    `No connection to ${label} at ${endpoint}: ${reason(error, seconds)}.`,
    {
      host: label,
      cause,
    },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'the name is not known to DNS',
  EAI_AGAIN: 'the name is not known to DNS',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
};

function reason(error: Ssh2Error, seconds: number): string {
  const code = String(error.code ?? error.level);
  if (code === 'ETIMEDOUT' || code === 'client-timeout') return `no answer within ${String(seconds)} s`;
  return REASONS[code] ?? error.message;
}

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, section 5.1). */
const PROHIBITED = 1;

/** A forwarding that the server refused (with the sshd_config line that allows it) or that found nobody. */
export function forwardRefused(label: string, target: StreamTarget, cause: unknown): UnderstudyError {
  const error = cause as Ssh2Error;
  const line = target.kind === 'tcp' ? 'AllowTcpForwarding yes' : 'AllowStreamLocalForwarding yes';
  if (Number(error.reason) === PROHIBITED)
    return new UnderstudyError('FORWARDING_REFUSED', `${label} does not forward to ${targetText(target)}.`, {
      host: label,
      next: `Put "${line}" into sshd_config on ${label} (PermitOpen, DisableForwarding and restrict in authorized_keys can forbid it too), reload sshd and start again.`,
      cause,
    });
  return new UnderstudyError(
    'HOST_UNREACHABLE',
    `${label} cannot connect to ${targetText(target)}: ${error.message}.`,
    {
      host: label,
      cause,
    },
  );
}
