import { createReadStream } from 'node:fs';
import { sendFiles } from '../commands/rsync.js';
import { type ChangeList } from './change-list.js';
import { rsyncRun, type ContentEnds, type ContentWatch } from './content-ends.js';
import { runFolder } from './file-swap.js';
import { ProgressOutput, runRsync } from './run-rsync.js';

/**
 * Copies what a comparison named.
 * @param spool the names, as the comparison wrote them
 * @param place folders on staging: where the files go, and where rsync finds older ones to build them from
 */
export async function sendChanges(
  ends: ContentEnds,
  watch: ContentWatch,
  spool: string,
  changes: ChangeList,
  place: { readonly target: string; readonly basis: readonly string[] },
): Promise<void> {
  const { created, updated, bytes } = changes.counts;
  watch.step(`Copying ${String(created + updated)} files to staging`);
  const command = sendFiles({
    route: ends.route,
    source: ends.productionPath,
    ...place,
    unfinished: `${runFolder(ends.folders)}/unfinished`,
    checksum: ends.checksum === true,
  });
  const output = new ProgressOutput(watch.progress, bytes);
  const stdin = createReadStream(spool);
  const findings = await runRsync(command, output, { ...rsyncRun(ends, ends.signal), stdin });
  findings.forEach((finding) => {
    watch.warn(finding);
  });
}
