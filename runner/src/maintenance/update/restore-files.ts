import { PassThrough } from 'node:stream';
import { readCommand, shellScript } from '../../commands/command.js';
import { below } from '../../wordpress/site/site-layout.js';
import {
  ARGUMENTS,
  type ItemTarget,
  LIST,
  removedNames,
  restoreFileSnapshot,
  snapshotArguments,
  TAKE_AWAY,
} from './file-snapshot.js';
import { type UpdateContext } from './update-context.js';

type Context = Pick<UpdateContext, 'files' | 'php' | 'layout'>;

/**
 * Puts the kept files (stdin, as tar) back as the account that runs this, which cannot read the work folder. The copy is
 * unpacked where WordPress unpacks its own; what is as it was kept is not touched, no matter which account owns it.
 */
const RESTORE_SENT = `set -eu
${ARGUMENTS}
${LIST}
made=\${snapshot%/*}
[ ! -d "$made" ] || made=
trap 'rm -rf -- "$snapshot"; [ -z "$made" ] || rmdir -- "$made"' EXIT
rm -rf -- "$snapshot"
mkdir -p -- "$snapshot/bad"
chmod 700 -- "$snapshot"
tar -C "$snapshot" -xpf -
count=0
while IFS= read -r path; do
  count=$((count + 1))
  live=$(place "$path")
  ! diff -r -q -- "$snapshot/files/$path" "$live" >/dev/null 2>&1 || continue
  [ ! -e "$live" ] && [ ! -L "$live" ] || mv -- "$live" "$snapshot/bad/$count"
  mv -- "$snapshot/files/$path" "$live"
done < "$snapshot/list"
${TAKE_AWAY}
while IFS= read -r folder; do
  chmod g+s -- "$(place "$folder")" 2>/dev/null || :
done < "$snapshot/setgid"
`;

/**
 * Puts the files of an item back, as the account to which they belong: another one than root would leave them as its own.
 * Where that account cannot, they are put back all the same.
 * @returns what had appeared since and was taken away
 * @throws ITEM_NOT_RESTORED
 */
export async function restoreFiles(
  context: Context,
  item: ItemTarget,
  folder: string,
): Promise<readonly string[]> {
  const { files, php, layout } = context;
  const isOwn = php === files || (await files.run(readCommand('id', '-u'))).stdout.toString().trim() === '0';
  const removed = isOwn ? undefined : await restoreAsOwner(context, item, folder);
  return removed ?? (await restoreFileSnapshot(files, layout, item, folder));
}

/** @returns undefined when it could not */
async function restoreAsOwner(
  { files, php, layout }: Context,
  item: ItemTarget,
  folder: string,
): Promise<readonly string[] | undefined> {
  const { phpRoot, relative } = layout;
  const at = (part: string): string => (part === '' ? phpRoot : below(phpRoot, part));
  const content = at(relative.content);
  const places = {
    root: phpRoot,
    core: at(relative.core),
    content,
    plugins: at(relative.plugins),
    mustUse: at(relative.mustUse),
  };
  const scratch = `${content}/upgrade/understudy-item`;
  const kept = new PassThrough();
  const options = { timeoutSeconds: 1800, label: `put the files of ${item.slug} back` };
  const [read, written] = await Promise.allSettled([
    files.run(shellScript('read', 'exec tar -C "$1" -cf - files list names setgid', [folder]), {
      ...options,
      stdout: kept,
    }),
    php
      .run(shellScript('write', RESTORE_SENT, snapshotArguments(scratch, places, item)), {
        ...options,
        stdin: kept,
      })
      .finally(() => kept.destroy()),
  ]);
  return read.status === 'fulfilled' && written.status === 'fulfilled'
    ? removedNames(written.value.stdout)
    : undefined;
}
