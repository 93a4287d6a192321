import { type Command, type Effect, shellScript } from '../../command.js';

/** The same job twice: perl where the host has it (one process for thousands of files), else plain sh. */
export interface TwoScripts {
  readonly perl: string;
  readonly sh: string;
}

/** Which of the two runs; `sh` is for tests and for hosts whose perl is broken. */
export type Interpreter = 'auto' | 'sh';

const CHOOSE = `perl=$1 sh=$2; shift 2
if [ -n "$perl" ] && perl -e 1 2>/dev/null; then exec perl -e "$perl" -- "$@"; fi
exec sh -c "$sh" understudy "$@"`;

export const twoScripts = <E extends Effect>(
  effect: E,
  texts: TwoScripts,
  args: readonly string[],
  interpreter: Interpreter,
): Command<E> => shellScript(effect, CHOOSE, [interpreter === 'sh' ? '' : texts.perl, texts.sh, ...args]);

/** Shell text as it is written, but for `\${`, which is the shell's own `${`; parts are put in as they are. */
export const shellText = (text: TemplateStringsArray, ...parts: readonly string[]): string =>
  text.raw.map((piece, index) => piece.replaceAll('\\${', '${') + (parts[index] ?? '')).join('');

/**
 * For awk: whether the list that ARGV[1] names has this line. List and lines are sorted as bytes, and gone through once
 * side by side: a site may have a million names.
 */
export const AWK_LISTED = `function listed(line) {
  while (more && (other "") < (line "")) more = (getline other < list) > 0
  return more && (other "") == (line "")
}
BEGIN { list = ARGV[1]; ARGV[1] = ""; more = (getline other < list) > 0 }`;

/**
 * Lines of stdin that a file has too (`also_in`) or not (`not_in`); both sorted, or what should go stays. Not every
 * busybox has `comm`.
 */
export const LINES_IN = `lines_in() { LC_ALL=C awk '${AWK_LISTED}
listed($0) == want' "$1" want="$2" -; }
also_in() { lines_in "$1" 1; }
not_in() { lines_in "$1" 0; }
`;

/**
 * `names FILE`: prints a list whose entries end with NUL, after every name was checked: the list lies where others may
 * write, and no name in it may lead out of the site. Control characters are swapped for the check alone.
 */
export const CHECKED_NAMES = `names() {
  { [ -f "$1" ] && [ ! -L "$1" ]; } || { echo "$1 is not a regular file" >&2; return 1; }
  if tr '\\n\\0' '\\001\\n' < "$1" | LC_ALL=C grep -Eq '^$|^/|(^|/)[.][.]?(/|$)'; then
    echo "$1 holds a name that is not inside the site" >&2; return 1
  fi
}
`;

/** What putting files in place and taking them back have in common, in Perl. `above` makes the folders above a path. */
export const PERL_SWAP = String.raw`use strict; use warnings;
my ($live, $inc, $gen) = @ARGV;
my $old = "$gen/files";
sub there { return defined((lstat $_[0])[0]) }
sub isdir { return lstat($_[0]) && -d _ && !-l _ }
sub list {
  my $file = "$gen/plan/$_[0]";
  die "$file is not a regular file\n" unless lstat $file && -f _;
  open my $in, '<', $file or die "$file: $!\n";
  local $/ = "\0";
  my @l = <$in>;
  chomp @l;
  # The plan lies where others may write. No name in it leads out of the site.
  for (@l) { die "$file holds the name $_, which is not inside the site\n" if $_ eq '' || m{\A/|(?:\A|/)\.\.?(?:/|\z)} }
  return @l;
}
my %made;
sub above {
  (my $path = $_[1]) =~ s{(?:\A|/)[^/]*\z}{}s;
  return if $path eq '' || $made{"$_[0]/$path"}++;
  above($_[0], $path);
  mkdir "$_[0]/$path", 0700 or isdir("$_[0]/$path") or die "$_[0]/$path: $!\n";
}
sub move { rename $_[0], $_[1] or die "$_[0] -> $_[1]: $!\n" }
`;

/** The same in sh. `guard`: no folder on the way may be a link, which could lead out of the site. */
export const SHELL_SWAP = shellText`
set -eu
live=$1 inc=$2 gen=$3; old=$gen/files
export live inc old
functions='
there() { [ -e "$1" ] || [ -L "$1" ]; }
real() { [ -d "$1" ] && [ ! -L "$1" ]; }
stop() { echo "$1" >&2; exit 255; }
guard() {
  up=$1
  while case $up in */*) : ;; *) false ;; esac; do
    up=\${up%/*}
    real "$live/$up" || stop "not a folder: $live/$up"
  done
}
above() { case $2 in */*) [ -d "$1/\${2%/*}" ] || mkdir -p -m 700 -- "$1/\${2%/*}" || exit 255 ;; esac; }
'
${CHECKED_NAMES}for name in changed deleted emptied modes; do names "$gen/plan/$name"; done
each() { xargs -0 sh -c "$functions$2" sh < "$gen/plan/$1"; }
triples() { xargs -0 -n 30 sh -c "$functions$2" sh < "$gen/plan/$1"; }
`;
