import { shellScript } from '../commands/command.js';
import { type HostIdentity, type ReadingHost } from './host.js';

const SCRIPT = `machine=
for file in /etc/machine-id /var/lib/dbus/machine-id; do
  if [ -z "$machine" ] && [ -r "$file" ]; then read -r machine <"$file"; fi
done
boot=
[ -r /proc/sys/kernel/random/boot_id ] && read -r boot </proc/sys/kernel/random/boot_id
home=$(cd && pwd)
user=$(id -un 2>/dev/null || id -u)
printf '%s\\n' "$machine" "$boot" "\${home:-$HOME}" "$user"`;

/** Asks the host once; every later call gets the same answer. A failed try is not kept. */
export function createIdentityReader(run: ReadingHost['run']): () => Promise<HostIdentity> {
  let known: Promise<HostIdentity> | undefined;
  return () => {
    known ??= readIdentity(run).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function readIdentity(run: ReadingHost['run']): Promise<HostIdentity> {
  const { stdout } = await run(shellScript('read', SCRIPT), { label: 'ask the host who it is' });
  const [machineId = '', bootId = '', home = '', user = ''] = stdout.toString().split('\n');
  return { machineId, bootId, home, user };
}
