import { several } from '../../errors/index.js';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { sendFiles, type SendFiles } from '../../commands/rsync.js';
import { type ChangeList } from './change-list.js';
import { rsyncRun, type ContentEnds, type ContentWatch } from '../content-ends.js';
import { type NameList } from '../../hosts/route/route.js';
import { runFolder } from '../swap/file-swap.js';
import { ProgressOutput, runRsync } from './run-rsync.js';

/**
 * Copies what a comparison named.
 * @param names what to send: the file that the comparison wrote, and what stays of it (bytes as latin1)
 * @param place folders on staging: where the files go, and where rsync finds older ones to build them from; and what
 *   starts rsync there, if not its name alone
 */
export async function sendChanges(
  ends: ContentEnds,
  watch: ContentWatch,
  names: { readonly spool: string; readonly without: ReadonlySet<string> },
  changes: ChangeList,
  place: Pick<SendFiles, 'target' | 'basis' | 'farProgram'>,
): Promise<void> {
  const { created, updated, bytes } = changes.counts;
  watch.step(`Copying ${several(created + updated, 'file')} to staging`);
  const command = sendFiles({
    route: ends.route,
    source: ends.productionPath,
    ...place,
    unfinished: `${runFolder(ends.folders)}/unfinished`,
    checksum: ends.checksum === true,
  });
  const output = new ProgressOutput(watch.progress, bytes);
  const findings = await runRsync(command, output, {
    ...rsyncRun(ends, ends.signal),
    names: await namesToSend(names.spool, names.without),
  });
  findings.forEach((finding) => {
    watch.warn(finding);
  });
}

async function namesToSend(spool: string, without: ReadonlySet<string>): Promise<NameList> {
  let bytes = 0;
  for await (const chunk of namesWithout(spool, without)) bytes += chunk.length;
  return { bytes, open: () => Readable.from(namesWithout(spool, without)) };
}

/** The file with NUL-ended names, less some of them. */
async function* namesWithout(spool: string, without: ReadonlySet<string>): AsyncGenerator<Buffer> {
  let rest = '';
  for await (const chunk of createReadStream(spool)) {
    if (without.size === 0) {
      yield chunk as Buffer;
      continue;
    }
    const names = (rest + (chunk as Buffer).toString('latin1')).split('\0');
    rest = names.pop() ?? '';
    const sent = names.filter((name) => !without.has(name)).map((name) => `${name}\0`);
    if (sent.length > 0) yield Buffer.from(sent.join(''), 'latin1');
  }
}
