import { linesIn } from '../../basics/lines.js';
import { shellScript } from '../../commands/command.js';
import { type ReadingHost } from '../../hosts/host.js';
import { generationFolder, type SwapFolders } from './file-swap.js';

/** $1 list of names, each ended by NUL; then paths. Prints those that the list names, or a folder around them. */
const SCRIPT = `LC_ALL=C; export LC_ALL
list=$1; shift
[ -f "$list" ] || exit 0
for path do
  at=$path
  while :; do
    if tr '\\n\\0' '\\1\\n' < "$list" | grep -Fxq -e "$at"; then printf '%s\\n' "$path"; break; fi
    case $at in */*) at=\${at%/*} ;; *) break ;; esac
  done
done`;

/** Which of these files the cutover of a run has put in place. @param paths relative to the document root */
export async function broughtFiles(
  staging: ReadingHost,
  folders: SwapFolders,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const list = `${generationFolder(folders)}/plan/changed`;
  const { stdout } = await staging.run(shellScript('read', SCRIPT, [list, ...paths]), {
    label: 'looking for the files that the cutover brought',
  });
  return linesIn(stdout);
}
