import { shellScript } from '../../commands/command.js';
import type { PrepareContext } from './prepare-types.js';

/**
 * Puts a file where none is. $1 file, $2 mode; stdin its text. It gets the group of its folder: on most servers the web
 * server's. Never over another one: the last step is a hard link, which fails there. Exit 17: there is one.
 */
const PUT_NEW = `[ ! -e "$1" ] && [ ! -L "$1" ] || exit 17
umask 077; t=$1.understudy.$$; trap 'rm -f -- "$t"' EXIT
cat > "$t" && chgrp "$(stat -c %g -- "\${1%/*}")" "$t" 2>/dev/null; chmod "$2" "$t" && ln -- "$t" "$1"`;

/** Puts a file on staging where none is. @throws COMMAND_FAILED when there is one by now */
export const putNew = async (
  { staging }: PrepareContext,
  file: string,
  mode: string,
  text: string,
): Promise<void> => {
  await staging.run(shellScript('write', PUT_NEW, [file, mode]), { stdin: text, label: `write ${file}` });
};
