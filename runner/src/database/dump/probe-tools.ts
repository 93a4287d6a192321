import { CHECKSUM_PROGRAMS } from '../../commands/checksum.js';
import { clientPrograms } from '../../commands/client-program.js';
import { shellScript } from '../../commands/command.js';
import { chooseCompressor, type Compressor } from '../../commands/compress.js';
import { PROBED_OPTIONS, type TextEncoding } from '../../commands/mysqldump.js';
import { type ReadingHost } from '../../hosts/host.js';
import { PROBE_SCRIPT } from '../../commands/scripts/backup-scripts.js';

/** What the host of the dump has. */
export interface DumpTools {
  /** `mariadb-dump` or `mysqldump`; undefined when neither is there. */
  readonly program: string | undefined;
  /** As the program says it. */
  readonly version: string;
  readonly known: ReadonlySet<string>;
  readonly textAs: TextEncoding;
  readonly compressor: Compressor | undefined;
  readonly splitter: 'perl' | 'awk' | undefined;
  readonly hasChecksums: boolean;
  readonly hasRsync: boolean;
  /** Of the disk that holds the work folder. */
  readonly freeKilobytes: number;
  readonly totalKilobytes: number;
}

/**
 * Asks the host; reads only.
 * @param folder the work folder, or where it will be
 * @param container in which the dump program runs; the other programs run on the host
 */
export async function probeDumpTools(
  host: ReadingHost,
  folder: string,
  options: { readonly container?: string; readonly isMariaDb: boolean },
): Promise<DumpTools> {
  const programs = clientPrograms(options.isMariaDb).dump;
  const script = shellScript('read', PROBE_SCRIPT, [folder, options.container ?? '', ...programs]);
  const { stdout } = await host.run(script, { label: 'look for the programs that the backup needs' });
  return readAnswers(stdout.toString(), options.isMariaDb);
}

function readAnswers(output: string, isMariaDb: boolean): DumpTools {
  const answers = output.split('\n').map((line) => /^(\w+) (.*)$/.exec(line) ?? []);
  const all = (key: string) => answers.filter(([, word]) => word === key).map(([, , value = '']) => value);
  const has = new Set(all('has'));
  const options = new Set(all('option'));
  const [free = '0', total = '0'] = (all('free')[0] ?? '').split(' ');
  const version = all('version')[0] ?? '';
  return {
    program: all('program')[0],
    version,
    textAs: isMariaDb && /mariadb/i.test(version) ? 'bytes' : 'utf8',
    known: new Set(PROBED_OPTIONS.filter((option) => options.has(option))),
    compressor: chooseCompressor(has),
    splitter: has.has('perl') ? 'perl' : has.has('awk') ? 'awk' : undefined,
    hasChecksums: CHECKSUM_PROGRAMS.some((tool) => has.has(tool)),
    hasRsync: has.has('rsync'),
    freeKilobytes: Number(free) || 0,
    totalKilobytes: Number(total) || 0,
  };
}
