import { WHOLE_INPUT } from '../../commands/scripts/whole-input.js';
import { type DatabaseAccess } from '../../database/connection/access.js';
import { type Site } from '../../config/site.js';
import { type WritingHost } from '../../hosts/host.js';
import { type WordPressSettings } from '../../wordpress/settings/wordpress-settings.js';
import { shellScript } from '../../commands/command.js';

/** One thing that staging needs before its first sync. */
export interface Part {
  readonly name: string;
  /** `made`: by this call. `open`: somebody has to do it. `would`: `--apply` does it. */
  readonly state: 'there' | 'made' | 'would' | 'open';
  readonly sentence: string;
  /** Commands and lines to paste; no secret is in them. */
  readonly lines: readonly string[];
}

/** What the parts need to know. */
export interface PrepareContext {
  readonly site: Site;
  readonly staging: WritingHost;
  /** Staging's work folder, absolute. */
  readonly workDir: string;
  readonly production: WordPressSettings;
  readonly apply: boolean;
}

/** How the site will reach its database; undefined: not known before there is a wp-config.php. */
export interface PreparedDatabase {
  readonly access: DatabaseAccess | undefined;
}

export const partNamed =
  (name: string) =>
  (state: Part['state'], sentence: string, lines: readonly string[] = []): Part => ({
    name,
    state,
    sentence,
    lines,
  });

/**
 * Puts a file where none is. $1 file, $2 mode, $3 bytes; stdin its text. It gets the group of its folder: on most servers the web
 * server's. Never over another one: the last step is a hard link, which fails there. Exit 17: there is one.
 */
const PUT_NEW = `${WHOLE_INPUT}[ ! -e "$1" ] && [ ! -L "$1" ] || exit 17
umask 077; t=$1.understudy.$$; trap 'rm -f -- "$t"' EXIT
whole "$t" "$3" || exit 1
chgrp "$(stat -c %g -- "\${1%/*}")" "$t" 2>/dev/null; chmod "$2" "$t" && ln -- "$t" "$1"`;

/** Puts a file on staging where none is. @throws COMMAND_FAILED when there is one by now */
export const putNew = async (
  { staging }: PrepareContext,
  file: string,
  mode: string,
  text: string,
): Promise<void> => {
  await staging.run(shellScript('write', PUT_NEW, [file, mode, String(Buffer.byteLength(text))]), {
    stdin: text,
    label: `write ${file}`,
  });
};
