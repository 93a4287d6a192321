import { shellScript } from '../../commands/command.js';
import { UnderstudyError } from '../../errors/index.js';
import { type ContentWatch, type SwapEnds } from '../content-ends.js';
import { runFolder } from './file-swap.js';
import { PUT_OWN_FILE } from '../../commands/scripts/content/put-own-file.js';
import { planTheSwap } from './staging-scripts.js';

/**
 * Makes a file of Understudy's own one of those that the cutover of a run puts in place, and takes back with them. May be
 * repeated. The live tree is only read.
 * @param path relative to the document root
 * @throws OWN_FILE_NO_PLACE when links lead the path out of the site
 */
export async function addOwnFile(
  ends: SwapEnds,
  watch: Pick<ContentWatch, 'warn'>,
  path: string,
  text: string,
): Promise<void> {
  const { staging, folders, signal, timeoutSeconds } = ends;
  const script = shellScript('write', PUT_OWN_FILE, [
    folders.live,
    runFolder(folders),
    path,
    String(Buffer.byteLength(text)),
  ]);
  const { code, stderr } = await staging.run(script, {
    stdin: text,
    allowedExitCodes: [0, 4],
    signal,
    timeoutSeconds,
    label: `adding ${path} to the new files`,
  });
  if (code === 4)
    throw new UnderstudyError('OWN_FILE_NO_PLACE', `${path} cannot be put in place: ${stderr.trim()}.`, {
      host: staging.label,
    });
  await planTheSwap(ends, watch);
}
