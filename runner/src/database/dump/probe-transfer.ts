import { CHECKSUM_PROGRAMS } from '../../commands/checksum.js';
import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';

/** What a transfer needs of a host. */
export interface TransferProbe {
  /** Programs that are not there, as a person names them. */
  readonly missing: readonly string[];
  /** Of the disk that holds the folder, or will hold it; 0: cannot be known. */
  readonly freeKilobytes: number;
}

const SCRIPT = `
LC_ALL=C; export LC_ALL
folder=$1
for tool in rsync ${CHECKSUM_PROGRAMS.join(' ')}; do command -v "$tool" >/dev/null 2>&1 && echo "has $tool"; done
while [ ! -d "$folder" ] && [ "$folder" != / ] && [ "$folder" != . ]; do folder=$(dirname -- "$folder"); done
df -Pk -- "$folder" 2>/dev/null | sed -n '$p' | { read -r _ _ _ free _; echo "free $free"; }
exit 0
`;

/** Asks the host; reads only. */
export async function probeTransfer(host: ReadingHost, folder: string): Promise<TransferProbe> {
  const { stdout } = await host.run(shellScript('read', SCRIPT, [folder]), {
    label: 'look for the programs that the transfer needs',
  });
  const lines = stdout.toString().split('\n');
  const has = (...tools: string[]) => tools.some((tool) => lines.includes(`has ${tool}`));
  const free = lines.find((line) => line.startsWith('free '))?.slice('free '.length);
  return {
    missing: [...(has('rsync') ? [] : ['rsync']), ...(has(...CHECKSUM_PROGRAMS) ? [] : ['sha256sum'])],
    freeKilobytes: Number(free) || 0,
  };
}
