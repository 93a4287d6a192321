import { shellText, type TwoScripts } from './script.js';

/**
 * Compares `incoming` with the live tree and gives the new files staging's owner and group. Arguments: live tree, folder
 * of the run. Writes into `content`, each name ended by NUL:
 * - `changed`: to be renamed from `incoming` to the live tree; a new folder is one entry
 * - `deleted`: to be moved out of the live tree
 * - `emptied`: mode, owner, folder, to be removed when empty; deepest first
 * - `modes`: old mode, new mode (`-`: none), folder; also of those that must be writable for a moment
 *
 * Prints `name NUL value NUL`: `entries`, `bytes`, `deleted`, `owner` (files that could not get staging's), `conflict`
 * (path, where a folder and something else change places).
 */
export const planSwap: TwoScripts = {
  perl: String.raw`
use strict; use warnings; use POSIX ();
my ($live, $run) = @ARGV;
my ($inc, $lists) = ("$run/incoming", "$run/content");
my (@put, %put, %modes, @say, %count);
$count{$_} = 0 for qw(entries bytes owner deleted);

sub isdir { return @_ && POSIX::S_ISDIR($_[2]) }
sub islink { return @_ && ($_[2] & 0170000) == 0120000 }
sub perm { return sprintf '%04o', $_[0] & 07777 }
sub names { opendir(my $h, $_[0]) or die "$_[0]: $!\n"; my @n = sort grep { $_ ne '.' && $_ ne '..' } readdir $h; return @n }

# Owner and group of what stood there, or of the folder around it.
sub adopt {
  my ($path, $new, $like) = @_;
  return if $new->[4] == $like->[4] && $new->[5] == $like->[5];
  my $uid = $> == 0 ? $like->[4] : -1;
  my $link = islink(@$new);
  my $ok = $link ? POSIX::lchown($uid == -1 ? $new->[4] : $uid, $like->[5], $path) : chown($uid, $like->[5], $path);
  chmod($new->[2] & 07777, $path) if $ok && !$link;
  $count{owner}++ if !$link && (!$ok || ($uid == -1 && $new->[4] != $like->[4]));
}

sub note {
  my ($rel, $like) = @_;
  my @new = lstat "$inc/$rel" or return;
  adopt("$inc/$rel", \@new, $like);
  $count{entries}++ unless isdir(@new);
  if (isdir(@new)) {
    if (($new[2] & 0700) != 0700) { chmod(($new[2] & 07777) | 0700, "$inc/$rel") }
    note("$rel/$_", $like) for names("$inc/$rel");
    chmod($new[2] & 07777, "$inc/$rel") if ($new[2] & 0700) != 0700;
  }
  elsif (!islink(@new)) { $count{bytes} += $new[7] }
}

# Renaming needs a writable folder on both sides, and a writable folder when that itself moves.
sub writable {
  my ($rel) = @_;
  return if $rel eq '' || $modes{$rel};
  my @old = lstat "$live/$rel" or return;
  $modes{$rel} = [perm($old[2]), perm($old[2])] if isdir(@old) && ($old[2] & 0300) != 0300;
}

sub walk {
  my ($rel, $around) = @_;
  for my $name (names($rel eq '' ? $inc : "$inc/$rel")) {
    my $path = $rel eq '' ? $name : "$rel/$name";
    my @new = lstat "$inc/$path" or next;
    my @old = lstat "$live/$path";
    if (isdir(@new) && isdir(@old)) {
      my @mode = (perm($old[2]), perm($new[2]));
      $modes{$path} = [@mode] if $mode[0] ne $mode[1];
      chmod(($new[2] & 07777) | 0700, "$inc/$path") if ($new[2] & 0700) != 0700;
      walk($path, \@old);
      next;
    }
    push @put, $path; $put{$path} = 1;
    push @say, 'conflict', $path if isdir(@new) ? scalar @old : isdir(@old);
    my $old_mode = isdir(@old) ? perm($old[2]) : '-';
    my $new_mode = isdir(@new) ? perm($new[2]) : '-';
    $modes{$path} = [$old_mode, $new_mode]
      if (isdir(@old) && ($old[2] & 0200) == 0) || (isdir(@new) && ($new[2] & 0200) == 0);
    note($path, isdir(@new) || !@old || isdir(@old) ? $around : \@old);
    writable($rel);
  }
}

my @top = lstat "$live/." or die "$live: $!\n";
walk('', \@top);

my (@deleted, @emptied);
if (open my $in, '<', "$lists/deleted.list") {
  NAME: while (my $line = <$in>) {
    chomp $line;
    $line =~ s/\\#([0-7]{3})/chr(oct $1)/ge;
    my $folder = $line =~ s{/\z}{};
    my $above = $line;
    do { next NAME if $put{$above} } while $above =~ s{/[^/]*\z}{}s;
    my @old = lstat "$live/$line" or next;
    if ($folder) { push @emptied, [perm($old[2]), "$old[4]:$old[5]", $line] if isdir(@old) }
    else { push @deleted, $line }
    (my $parent = "/$line") =~ s{/[^/]*\z}{}s;
    writable(substr $parent, 1) if $parent ne '';
    writable($line) if $folder;
  }
}
$count{deleted} = @deleted;
@emptied = sort { $b->[2] cmp $a->[2] } @emptied;

sub save {
  my ($name, @values) = @_;
  open my $out, '>', "$lists/$name.new" or die "$lists/$name: $!\n";
  print $out map { "$_\0" } @values or die "$lists/$name: $!\n";
  close $out or die "$lists/$name: $!\n";
  rename "$lists/$name.new", "$lists/$name" or die "$lists/$name: $!\n";
}
save('modes', map { (@{$modes{$_}}, $_) } sort keys %modes);
save('emptied', map { @$_ } @emptied);
save('deleted', @deleted);
save('changed', @put);
print map { "$_\0" } (map { ($_, $count{$_}) } sort keys %count), @say;
`,
  sh: shellText`
set -eu
LC_ALL=C; export LC_ALL
live=$1 run=$2; inc=$run/incoming lists=$run/content
for name in changed deleted emptied modes owner say; do : > "$lists/$name.new"; done
say=$lists/say.new
me=$(id -u)

real() { [ -d "$1" ] && [ ! -L "$1" ]; }
there() { [ -e "$1" ] || [ -L "$1" ]; }
mode() { m=$(stat -c %a -- "$1"); while [ "\${#m}" -lt 4 ]; do m=0$m; done; printf %s "$m"; }
closed() { case $1 in -|?[37]??) return 1 ;; esac; return 0; }
triple() { printf '%s\0%s\0%s\0' "$1" "$2" "$3" >> "$lists/modes.new"; }
# Owner and group of what stood there, or of the folder around it.
adopt() {
  want=$(stat -c %u:%g -- "$2"); has=$(stat -c %u:%g -- "$1")
  [ "$want" != "$has" ] || return 0
  [ "$me" = 0 ] || want=\${has%%:*}:\${want##*:}
  if [ -L "$1" ]; then chown -h -- "$want" "$1" 2>/dev/null || :; return 0; fi
  bits=$(mode "$1")
  chown -- "$want" "$1" 2>/dev/null && chmod -- "$bits" "$1" || :
  [ "$(stat -c %u:%g -- "$2")" = "$(stat -c %u:%g -- "$1")" ] || printf . >> "$lists/owner.new"
}
note() {
  adopt "$inc/$1" "$2"
  if real "$inc/$1"; then
    for entry in "$inc/$1"/* "$inc/$1"/.[!.]* "$inc/$1"/..?*; do
      if there "$entry"; then note "\${entry#"$inc/"}" "$2"; fi
    done
  fi
}
put() {
  printf '%s\0' "$1" >> "$lists/changed.new"
  old=- new=- like=$2
  if real "$live/$1"; then old=$(mode "$live/$1"); fi
  if real "$inc/$1"; then new=$(mode "$inc/$1"); fi
  if [ "$old$new" = -- ] && there "$live/$1"; then like=$live/$1; fi
  if [ "$old" != - ] || { [ "$new" != - ] && there "$live/$1"; }; then printf 'conflict\0%s\0' "$1" >> "$say"; fi
  if closed "$old" || closed "$new"; then triple "$old" "$new" "$1"; fi
  note "$1" "$like"
}
walk() {
  for entry in "$inc$1"/* "$inc$1"/.[!.]* "$inc$1"/..?*; do
    there "$entry" || continue
    path=\${entry#"$inc/"}
    if real "$entry" && real "$live/$path"; then
      old=$(mode "$live/$path") new=$(mode "$entry")
      if [ "$old" != "$new" ] || closed "$old"; then triple "$old" "$new" "$path"; fi
      walk "/$path"
    else put "$path" "$live$1/."; fi
  done
}
walk ''

if [ -f "$lists/deleted.list" ]; then
  sort -r "$lists/deleted.list" | sed 's/\\/\\\\/g; s/\\\\#\([0-7][0-7][0-7]\)/\\0\1/g' | while IFS= read -r line; do
    name=$(printf '%b' "$line"; printf x); name=\${name%x}
    path=\${name%/} above=\${name%/} covered=
    while :; do
      if there "$inc/$above" && ! { real "$inc/$above" && real "$live/$above"; }; then covered=1; fi
      case $above in */*) above=\${above%/*} ;; *) break ;; esac
    done
    [ -z "$covered" ] && there "$live/$path" || continue
    case $path in
      */*) bits=$(mode "$live/\${path%/*}"); if closed "$bits" && ! there "$inc/\${path%/*}"; then triple "$bits" "$bits" "\${path%/*}"; fi ;;
    esac
    case $name in
      */) ! real "$live/$path" || printf '%s\0%s\0%s\0' "$(mode "$live/$path")" "$(stat -c %u:%g -- "$live/$path")" "$path" >> "$lists/emptied.new" ;;
      *) printf '%s\0' "$path" >> "$lists/deleted.new" ;;
    esac
  done
fi

sum() { awk '{ s += $1 } END { printf "%.0f", s }'; }
count() { printf '%s\0%s\0' "$1" "$2"; }
count bytes "$(find "$inc" -type f -exec stat -c %s -- {} + | sum)"
count deleted "$(tr -cd '\0' < "$lists/deleted.new" | wc -c | tr -d ' ')"
count entries "$(find "$inc" ! -type d -exec sh -c 'echo $#' sh {} + | sum)"
count owner "$(wc -c < "$lists/owner.new" | tr -d ' ')"
cat "$say"
rm -f "$say" "$lists/owner.new"
for name in modes emptied deleted changed; do mv -f "$lists/$name.new" "$lists/$name"; done
`,
};
