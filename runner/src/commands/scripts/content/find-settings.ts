import { type TwoScripts } from './script.js';

/** A written password, or a call or an address with one; lower case, POSIX ERE for awk, five times as fast as perl. */
export const WRITTEN_PASSWORD: readonly string[] = [
  '((^|[^a-z])pw|pass|pwd|mdp|kennwort)[a-z0-9_]*[]]?[\'"]?[]]?[ \\t]*(=>|[=:,]|;s:[0-9]+:)[ \\t]*[\'"][^\'"%$]',
  '(^|\\n)[ \\t]*[a-z0-9_.[-]*(pass|pwd|pw|mdp|kennwort)[a-z0-9_.-]*[]]?[ \\t]*[=:][ \\t]*[^\'" \\t$({<%;,![]',
  '<[a-z0-9_]*(pass|pwd)[a-z0-9_]*>(<!.cdata.)?[^< ]',
  '(setenv|fastcgi_param)[ \\t]+[^ \\t]*(pass|pwd|pw)',
  '(mysqli|connect|pdo)[a-z_]*[ \\t]*[(][^()]*,[ \\t]*[\'"][^\'"]+[\'"]',
  ':.?/.?/[^ \\t\'":@/]+:[^ \\t\'"@/]+@',
];

/**
 * Arguments: the tree, those of WRITTEN_PASSWORD. Stdin: patterns, one a line, as `S`, `P`, `U`, `N` or `D`, a blank
 * and hexadecimal digits; `L` where files with any written password are wanted (not in perl); `.`; then names as `KIND
 * SIZE NAME`, escaped as rsync does. Prints back each line whose file holds an S, or U and N, or P and one of these, or
 * a D and a word for a password or an address; behind `! ` those that cannot be opened; `=` when the search came to its
 * end.
 *
 * One process, so that patterns stay in its memory. Production's files that are gone or closed are passed over: rsync
 * says so.
 */
export const findSettings: TwoScripts = {
  perl: String.raw`
use strict; use warnings;
binmode STDIN; binmode STDOUT; $| = 1;
chdir $ARGV[0] or die "$ARGV[0]: $!\n";
my %lists = map { $_ => [] } qw(S P U N D);
while (my $line = <STDIN>) {
  chomp $line;
  last if $line eq '.';
  my ($kind, $hex) = split / /, $line, 2;
  push @{$lists{$kind}}, quotemeta pack 'H*', $hex;
}
my %any;
for (keys %lists) { my $all = join '|', @{$lists{$_}}; $any{$_} = $all eq '' ? qr/(?!)/ : qr/$all/ }
while (my $line = <STDIN>) {
  chomp $line;
  my ($name) = $line =~ /\A\S+ \S+ (.*)\z/s or next;
  $name =~ s/\\#([0-7]{3})/chr(oct $1)/ge;
  next unless -f "./$name";
  open my $in, '<:raw', "./$name" or do { print "! $line\n"; next };
  my $text; { local $/; $text = <$in> }
  next unless defined $text;
  my $hit = $text =~ $any{S};
  if (!$hit) {
    my ($user, $base) = (scalar($text =~ $any{U}), scalar($text =~ $any{N}));
    $hit = ($user && $base) || (($user || $base) && $text =~ $any{P});
  }
  $hit ||= $text =~ $any{D} && $text =~ /pass|pwd|pw\b|connect|mysqli|dbname=|mysql:|:\/\//i;
  print "$line\n" if $hit;
}
print "=\n";
`,
  sh: String.raw`
set -eu
LC_ALL=C; export LC_ALL
cd -- "$1"
written=$2; shift 2
for pattern do written="$written|$pattern"; done
exec awk -v written="$written" '
function bytes(hex,  out, i) {
  out = ""
  for (i = 1; i < length(hex); i += 2) out = out sprintf("%c", (index(digits, substr(hex, i, 1)) - 1) * 16 + index(digits, substr(hex, i + 1, 1)) - 1)
  return out
}
function plain(name,  out, at) {
  out = ""
  while ((at = match(name, /\\#[0-7][0-7][0-7]/)) > 0) {
    out = out substr(name, 1, at - 1) sprintf("%c", substr(name, at + 2, 1) * 64 + substr(name, at + 3, 1) * 8 + substr(name, at + 4, 1))
    name = substr(name, at + 5)
  }
  return out name
}
function has(kind, line,  i) {
  for (i = 1; i <= count[kind]; i++) if (index(line, pattern[kind, i]) > 0) return 1
  return 0
}
# The longest run of letters and digits: a line without it holds no such pattern. One expression asks for all of them.
function hint(word,  run, best) {
  while (match(word, /[A-Za-z0-9]+/) > 0) {
    run = substr(word, RSTART, RLENGTH > 12 ? 12 : RLENGTH)
    if (length(run) > length(best)) best = run
    word = substr(word, RSTART + RLENGTH)
  }
  if (length(best) < 3) { blunt = 1; return }
  if (!(best in hinted)) { hinted[best] = 1; hints = hints (hints == "" ? "" : "|") best }
}
function holds(file,  line, got, small, user, base, word, named, asks) {
  user = base = word = named = asks = 0
  while ((got = (getline line < file)) > 0) {
    if (line == "") continue
    if (literal || count["D"]) small = tolower(line)
    if (literal && small ~ written) { close(file); return 1 }
    if (count["D"] && !asks && small ~ /pass|pwd|pw|connect|mysqli|dbname=|mysql:|:\/\//) asks = 1
    if (named && asks) { close(file); return 1 }
    if (!blunt && line !~ hints) continue
    if (has("S", line)) { close(file); return 1 }
    if (!named && has("D", line)) named = 1
    if (named && asks) { close(file); return 1 }
    if (!user) user = has("U", line)
    if (!base) base = has("N", line)
    if (!word) word = has("P", line)
    if ((user && base) || (word && (user || base))) { close(file); return 1 }
  }
  close(file)
  return got < 0 ? -1 : 0
}
BEGIN { literal = 0; digits = "0123456789abcdef"; names = blunt = 0; hints = "" }
!names && $0 == "." { names = 1; next }
!names && $0 == "L" { literal = 1; next }
!names { kind = substr($0, 1, 1); pattern[kind, ++count[kind]] = bytes(substr($0, 3)); hint(pattern[kind, count[kind]]); next }
{
  name = $0; sub(/^[^ ]+ [^ ]+ /, "", name)
  held = holds("./" plain(name))
  if (held > 0) print
  else if (held < 0) print "! " $0
}
END { print "=" }'
`,
};
