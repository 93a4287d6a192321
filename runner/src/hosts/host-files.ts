import { WHOLE_INPUT } from '../commands/scripts/whole-input.js';
import { randomBytes } from 'node:crypto';
import { shellScript } from '../commands/command.js';
import { type Validator, readDocument } from '../config/schema/document-validator.js';
import { UnderstudyError } from '../errors/index.js';
import { type ReadingHost, type WritingHost } from './host.js';

export interface ReadFileOptions {
  /** More bytes are a refusal. Default {@link LARGEST_FILE}. */
  readonly maxBytes?: number;
  /** Called with what is wrong with the file; throws the error of this kind of file. */
  readonly refuse?: (why: string) => never;
}

/** Journals, records and lists are far smaller; the lists of a huge site come near. */
const LARGEST_FILE = 64 * 1024 * 1024;
const READ_SECONDS = 30;

/**
 * Prints a file. $1 path, $2 most bytes. Whatever is no plain file is refused before it is opened: a FIFO would wait
 * for ever, a device never ends, a link may lead out of the folder. Exit 44: no file; 45: refused, with the reason.
 */
const READ_FILE = `refuse() { echo "$1" >&2; exit 45; }
[ ! -L "$1" ] || refuse 'it is a symbolic link'
[ -e "$1" ] || exit 44
[ -f "$1" ] || refuse 'it is not a regular file'
size=$(wc -c < "$1") || refuse 'the account may not read it'
[ "$size" -le "$2" ] || refuse "it has $((size)) bytes, at most $2 are allowed"
head -c "$2" < "$1"`;

/**
 * The bytes of a file on a host; undefined when it does not exist. Anyone who can write there is not trusted: links, FIFOs,
 * devices, folders and files that are too large are refused, and reading takes at most half a minute.
 * @throws what `refuse` throws, else HOST_FILE_REFUSED
 */
export async function readHostFile(
  host: ReadingHost,
  path: string,
  options: ReadFileOptions = {},
): Promise<Buffer | undefined> {
  const most = String(options.maxBytes ?? LARGEST_FILE);
  const result = await host.run(shellScript('read', READ_FILE, [path, most]), {
    allowedExitCodes: [0, 44, 45],
    timeoutSeconds: READ_SECONDS,
    label: `read ${path}`,
  });
  if (result.code === 44) return undefined;
  if (result.code === 0) return result.stdout;
  const why = result.stderr.trim().split('\n').at(-1) ?? '';
  if (options.refuse) return options.refuse(why);
  throw new UnderstudyError('HOST_FILE_REFUSED', `${path} cannot be used: ${why}.`, { host: host.label });
}

/**
 * Prints what {@link READ_FILE} says of each file in a folder whose name ends with $4 and has no odd characters. $1 folder, $2 most bytes of a
 * file, $3 mark. Before each: `mark code length name`, then that many bytes: the content, or why it is refused.
 */
const READ_FOLDER = `cd -- "$1" 2>/dev/null || exit 0
say() { printf '%s %s %s %s\\n' "$mark" "$1" "$2" "$3"; }
most=$2 mark=$3
for file in *"$4"; do
  case $file in *[!A-Za-z0-9._-]*) continue ;; esac
  why=
  if [ -L "$file" ]; then why='it is a symbolic link'
  elif [ ! -e "$file" ]; then continue
  elif [ ! -f "$file" ]; then why='it is not a regular file'
  elif ! size=$(wc -c < "$file"); then why='the account may not read it'
  elif [ "$size" -gt "$most" ]; then why="it has $((size)) bytes, at most $most are allowed"
  fi
  if [ -n "$why" ]; then say 45 "\${#why}" "$file"; printf %s "$why"
  else say 0 "$((size))" "$file"; head -c "$((size))" < "$file"
  fi
done
:`;

/** A file of a folder: what is in it, or why it is refused. */
export type FolderFile = { readonly name: string } & (
  { readonly bytes: Buffer } | { readonly refused: string }
);

/** Files of a folder that end with `ending`, as {@link readHostFile} reads one, in one round trip. None: no folder. */
export async function readHostFolder(
  host: ReadingHost,
  path: string,
  ending: string,
  maxBytes: number = LARGEST_FILE,
): Promise<FolderFile[]> {
  const mark = `understudy-${randomBytes(12).toString('hex')}`;
  const { stdout } = await host.run(
    shellScript('read', READ_FOLDER, [path, String(maxBytes), mark, ending]),
    { timeoutSeconds: READ_SECONDS, label: `read the files in ${path}` },
  );
  const changed = (): UnderstudyError =>
    new UnderstudyError('HOST_FILE_REFUSED', `A file in ${path} changed while it was read.`, {
      host: host.label,
    });
  const files: FolderFile[] = [];
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf('\n', at);
    const head = new RegExp(`^${mark} (0|45) (\\d+) (.*)$`).exec(
      stdout.toString('utf8', at, Math.max(end, at)),
    );
    if (head === null) throw changed();
    const [, code, length, name = ''] = head;
    at = end + 1 + Number(length);
    const bytes = stdout.subarray(end + 1, at);
    if (bytes.length < Number(length)) throw changed();
    files.push(code === '0' ? { name, bytes } : { name, refused: bytes.toString('utf8') });
  }
  return files;
}

/** A JSON document on a host, read as if somebody hostile had written it. Undefined: no file. @throws as `refuse` */
export async function readHostDocument<Shape>(
  host: ReadingHost,
  path: string,
  validate: Validator<Shape>,
  options: ReadFileOptions & { readonly refuse: (why: string) => never },
): Promise<Shape | undefined> {
  const bytes = await readHostFile(host, path, options);
  return bytes === undefined ? undefined : readDocument(bytes, validate, options.refuse);
}

/** $1 path, $2 `new folder` or `existing folder`, $3 bytes. */
const WRITE_FILE = `${WHOLE_INPUT}umask 077
d=$(dirname -- "$1")
[ "$2" = 'new folder' ] || [ -d "$d" ] || { cat > /dev/null; exit 0; }
# A file that is renamed to a folder would end up in it.
[ ! -d "$1" ] || { echo "$1 is a folder" >&2; exit 21; }
t=$1.tmp.$$
mkdir -p -- "$d" && whole "$t" "$3" || exit 1
{ sync -- "$t" 2>/dev/null || sync; } && mv -f -- "$t" "$1"`;

/**
 * Replaces a file so that a crash of either end leaves the old or the new content, never a mixture or a part:
 * temporary file, its length, fsync, rename. Mode 0600, its folder 0700 when it has to be made.
 * @param where `existing folder`: nothing is written where the folder is not there
 */
export async function writeHostFile(
  host: WritingHost,
  path: string,
  content: string | Buffer,
  where: 'existing folder' | 'new folder' = 'new folder',
): Promise<void> {
  const script = shellScript('write', WRITE_FILE, [path, where, String(Buffer.byteLength(content))]);
  await host.run(script, { stdin: content, label: `write ${path}` });
}

/**
 * Prints a file of lines, and adds those of stdin to it, each once and sorted. $1 path, $2 most bytes, $3 bytes on stdin. Exit 44: its folder
 * is not there; 45: refused, with the reason, as {@link READ_FILE} does.
 */
const ADD_LINES = `${WHOLE_INPUT}export LC_ALL=C
end() { cat >/dev/null; echo "$2" >&2; exit "$1"; }
[ -d "\${1%/*}" ] || end 44
[ ! -L "$1" ] || end 45 'it is a symbolic link'
if [ -e "$1" ]; then
  [ -f "$1" ] || end 45 'it is not a regular file'
  size=$(wc -c < "$1") || end 45 'the account may not read it'
  [ "$size" -le "$2" ] || end 45 "it has $((size)) bytes, at most $2 are allowed"
  cat < "$1" || exit 1
fi
umask 077
new=$1.tmp.$$
old=$1
[ -e "$old" ] || old=/dev/null
whole "$new.in" "$3" && sort -u "$old" "$new.in" > "$new" && mv -f "$new" "$1" || { rm -f "$new" "$new.in"; exit 1; }
rm -f "$new.in"`;

/**
 * Puts lines together with those that a file of a folder that exists has already, in one round trip.
 * @returns what the file had before; '' without a file or a folder
 * @throws what `refuse` throws
 */
export async function addLines(
  host: WritingHost,
  path: string,
  lines: string,
  { maxBytes, refuse }: { readonly maxBytes: number; readonly refuse: (why: string) => never },
): Promise<string> {
  const args = [path, maxBytes, Buffer.byteLength(lines)].map(String);
  const { code, stdout, stderr } = await host.run(shellScript('write', ADD_LINES, args), {
    stdin: lines,
    allowedExitCodes: [0, 44, 45],
    timeoutSeconds: READ_SECONDS,
    label: `add to ${path}`,
  });
  return code === 45 ? refuse(stderr.trim()) : stdout.toString();
}
