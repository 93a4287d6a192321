import { type SshAddress } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { openSshConnection, type SshSettings } from '../ssh/open-ssh.js';
import { parsePrivateKey, publicKeyMethod, type PrivateKey } from '../ssh/ssh-identities.js';

/** Whether a host lets this key in. Logs in and out again; runs nothing. Throws when the host does not answer. */
export async function keyOpens(
  key: PrivateKey,
  label: string,
  address: SshAddress,
  settings: SshSettings = {},
): Promise<boolean> {
  const authentication = [publicKeyMethod(address.user, parsePrivateKey(key))];
  try {
    (await openSshConnection(label, address, { ...settings, authentication })).close();
    return true;
  } catch (error) {
    if (error instanceof UnderstudyError && error.code === 'HOST_AUTH_FAILED') return false;
    throw error;
  }
}
