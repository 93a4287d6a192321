import { type ReadCommand, shellScript } from './command.js';

/**
 * Shell function `checksum FILE`: SHA-256 in hex, then anything. openssl before coreutils: it uses the processor's own
 * instructions where there are some, and is six times as fast with them (measured). To be put into a POSIX sh script.
 */
export const CHECKSUM_FUNCTION = `
if openssl dgst -sha256 -r </dev/null >/dev/null 2>&1; then checksum() { openssl dgst -sha256 -r <"$1"; }
elif command -v sha256sum >/dev/null 2>&1; then checksum() { sha256sum <"$1"; }
else checksum() { shasum -a 256 <"$1"; }; fi
`;

/** Programs of which one has to be there for {@link CHECKSUM_FUNCTION}. */
const CHECKSUM_PROGRAMS = ['sha256sum', 'shasum', 'openssl'] as const;

/**
 * Asks a host what it has. Arguments: folder ('' for none), container ('' for none), then the names of database programs,
 * best first, of which the first one that is there counts; they run in the container, all others on the host.
 */
const PROBE = `
LC_ALL=C; export LC_ALL
folder=$1 container=$2; shift 2
inner='
for program in "$@"; do
  command -v "$program" >/dev/null 2>&1 || continue
  echo "program $program"
  echo "version $("$program" --no-defaults --version 2>/dev/null | head -n 1)"
  "$program" --no-defaults --help 2>/dev/null | tr -c "a-z-" "\\n" | grep "^--[a-z]" | sort -u | sed "s/^/option /"
  break
done'
if [ $# = 0 ]; then :
elif [ -n "$container" ]; then docker exec "$container" sh -c "$inner" understudy "$@" </dev/null
else sh -c "$inner" understudy "$@"; fi
for tool in zstd pigz gzip perl awk rsync ${CHECKSUM_PROGRAMS.join(' ')}; do
  command -v "$tool" >/dev/null 2>&1 && echo "has $tool"
done
echo "cores $(nproc 2>/dev/null || echo 1)"
[ -n "$folder" ] || exit 0
while [ ! -d "$folder" ] && [ "$folder" != / ] && [ "$folder" != . ]; do folder=$(dirname -- "$folder"); done
df -Pk -- "$folder" 2>/dev/null | sed -n '$p' | { read -r _ total _ free _; echo "free $free $total"; }
exit 0
`;

export interface ProbeQuestion {
  /** Of whose disk the space is asked for, or of where it will be. */
  readonly folder?: string;
  /** In which the database programs run. */
  readonly container?: string | undefined;
  /** Names of database programs, best first. */
  readonly programs?: readonly string[];
}

export const probeCommand = ({ folder = '', container = '', programs = [] }: ProbeQuestion): ReadCommand =>
  shellScript('read', PROBE, [folder, container, ...programs]);

export interface HostProbe {
  /** The database program; undefined where none of those that were named is there. */
  readonly program: string | undefined;
  /** Of the program, as it says it. */
  readonly version: string;
  /** Options that the program knows: `--x`. */
  readonly options: ReadonlySet<string>;
  readonly tools: ReadonlySet<string>;
  readonly cores: number;
  /** Of the folder's disk; 0: not known. */
  readonly freeKilobytes: number;
  readonly totalKilobytes: number;
}

export function parseHostProbe(output: string): HostProbe {
  const lines = output.split('\n').map((line) => /^(\w+) (.*)$/.exec(line) ?? []);
  const all = (key: string) =>
    lines.filter(([, word]) => word === key).map(([, , value = '']) => value.trim());
  const [free, total] = (all('free')[0] ?? '').split(' ');
  return {
    program: all('program')[0],
    version: all('version')[0] ?? '',
    options: new Set(all('option')),
    tools: new Set(all('has')),
    cores: Math.max(1, Number(all('cores')[0]) || 1),
    freeKilobytes: Number(free) || 0,
    totalKilobytes: Number(total) || 0,
  };
}

/** Whether a file's checksum can be taken: see CHECKSUM_FUNCTION. */
export const hasChecksums = ({ tools }: Pick<HostProbe, 'tools'>): boolean =>
  CHECKSUM_PROGRAMS.some((tool) => tools.has(tool));
