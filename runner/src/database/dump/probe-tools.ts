import { clientPrograms } from '../../commands/client-program.js';
import { chooseCompressor, type Compressor } from '../../commands/compress.js';
import { PROBED_OPTIONS, type TextEncoding } from '../../commands/mysqldump.js';
import { type HostProbe, parseHostProbe, probeCommand, type ProbeQuestion } from '../../commands/probe.js';
import { type ReadingHost } from '../../hosts/host.js';

/** Asks a host what it has; reads only. @param what needs it, for messages */
export async function probeHost(host: ReadingHost, what: string, about: ProbeQuestion): Promise<HostProbe> {
  const label = `look for the programs that ${what} needs`;
  const { stdout } = await host.run(probeCommand(about), { label });
  return parseHostProbe(stdout.toString());
}

/** What the host of the dump has. The program is `mariadb-dump` or `mysqldump`. */
export interface DumpTools extends Omit<HostProbe, 'options' | 'cores'> {
  readonly known: ReadonlySet<string>;
  readonly textAs: TextEncoding;
  readonly compressor: Compressor | undefined;
  readonly splitter: 'perl' | 'awk' | undefined;
}

/** Reads only. @param container in which the dump program runs; the other programs run on the host */
export async function probeDumpTools(
  host: ReadingHost,
  folder: string,
  { container, isMariaDb }: { readonly container?: string | undefined; readonly isMariaDb: boolean },
): Promise<DumpTools> {
  const programs = clientPrograms(isMariaDb).dump;
  const { options, ...probe } = await probeHost(host, 'the backup', { folder, container, programs });
  return {
    ...probe,
    textAs: isMariaDb && /mariadb/i.test(probe.version) ? 'bytes' : 'utf8',
    known: new Set(PROBED_OPTIONS.filter((option) => options.has(option))),
    compressor: chooseCompressor(probe.tools),
    splitter: probe.tools.has('perl') ? 'perl' : probe.tools.has('awk') ? 'awk' : undefined,
  };
}
