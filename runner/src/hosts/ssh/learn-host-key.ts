import { type SshAddress } from '../../config/site.js';
import { HostKeyUnknownError } from './host-key-errors.js';
import { fingerprintOf } from './host-keys.js';
import { openSshConnection } from './open-ssh.js';

/** The key that a host shows. */
export interface ShownKey {
  readonly type: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** The runner's known_hosts, or the address itself, vouches for it. */
  readonly known: boolean;
}

/**
 * Looks which key a host shows, without trusting it: where it is not known, no login is tried.
 * @throws HOST_UNREACHABLE, HOST_KEY_CHANGED, HOST_AUTH_FAILED
 */
export async function learnHostKey(
  label: string,
  address: SshAddress,
  signal: AbortSignal,
): Promise<ShownKey> {
  try {
    const connection = await openSshConnection(label, address, { signal });
    const { type } = connection.hostKey;
    connection.close();
    return { type, fingerprint: fingerprintOf(connection.hostKey), known: true };
  } catch (error) {
    if (!(error instanceof HostKeyUnknownError)) throw error;
    return { type: error.offered.type, fingerprint: fingerprintOf(error.offered), known: false };
  }
}
