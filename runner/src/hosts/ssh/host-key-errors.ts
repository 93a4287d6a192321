import { type ErrorDetails, UnderstudyError } from '../../errors/index.js';
import {
  fingerprintOf,
  knownHostsName,
  type HostKey,
  type HostKeyVerdict,
  type TrustedKeys,
} from './host-keys.js';

interface Where {
  readonly label: string;
  readonly host: string;
  readonly port: number;
  readonly user?: string;
}

/** Nobody has said yet whether this key is the host's. */
export class HostKeyUnknownError extends UnderstudyError {
  constructor(
    sentence: string,
    details: ErrorDetails,
    readonly offered: HostKey,
  ) {
    super('HOST_KEY_UNKNOWN', sentence, details);
  }
}

/** The long form of `ssh: user@host:port`. */
const mappingOf = ({ host, port, user }: Where): string =>
  [
    `host: ${host.includes(':') ? `'${host}'` : host}`,
    ...(user === undefined ? [] : [`user: ${user}`]),
    ...(port === 22 ? [] : [`port: ${String(port)}`]),
  ].join(', ');

/** What a person needs to decide, and the exact lines to add once they have decided. */
export function hostKeyError(
  verdict: Exclude<HostKeyVerdict, 'trusted'>,
  where: Where,
  offered: HostKey,
  trusted: TrustedKeys,
  knownHostsFile: string,
): UnderstudyError {
  const shown = `${offered.type} ${fingerprintOf(offered)}`;
  switch (verdict) {
    case 'unknown':
      return new HostKeyUnknownError(
        `The host key of ${where.label} is not known: ${shown}.`,
        {
          host: where.label,
          next:
            'Compare the fingerprint with what the host itself shows ' +
            '(on its console: ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub). If it is the same, add one of the lines above.',
          details: [
            `in the site file:  ssh: { ${mappingOf(where)}, hostKey: ${fingerprintOf(offered)} }`,
            '    (ssh: user@host is written like this with a key; keep the other keys under ssh)',
            `or in ${knownHostsFile}:  ${knownHostsName(where.host, where.port)} ${offered.type} ${offered.base64}`,
          ],
        },
        offered,
      );
    case 'changed':
      return new UnderstudyError(
        'HOST_KEY_CHANGED',
        `${where.label} shows another host key than ${trusted.source} expects: ${shown}.`,
        {
          host: where.label,
          details: [
            ...trusted.fingerprints.map((fingerprint) => `expected: ${fingerprint}`),
            ...trusted.keys.map((key) => `expected: ${key.type} ${fingerprintOf(key)}`),
            `shown:    ${shown}`,
          ],
        },
      );
    case 'revoked':
      return new UnderstudyError(
        'HOST_KEY_CHANGED',
        `${where.label} shows a host key that is marked @revoked in ${trusted.source}: ${shown}.`,
        { host: where.label },
      );
  }
}
