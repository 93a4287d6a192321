import { shellText, type TwoScripts, PERL_SWAP, SHELL_SWAP } from './script.js';

/**
 * Arguments: live tree, `incoming`, generation. The reverse of apply-swap, from any point at which that or this was
 * killed: what lies in `incoming` was not put in place or was taken back; what lies in the generation is where it does
 * not belong. In sh, modes have five digits: with four, GNU chmod keeps a folder's setgid bit.
 */
export const undoSwap: TwoScripts = {
  perl: String.raw`
${PERL_SWAP}sub same { my @a = lstat $_[0]; my @b = lstat $_[1]; return @a && @b && $a[0] == $b[0] && $a[1] == $b[1] }
sub guard {
  (my $path = $_[0]) =~ s{(?:\A|/)[^/]*\z}{}s or return;
  return if $path eq '';
  guard($path);
  isdir("$live/$path") or die "not a folder: $live/$path\n";
}
mkdir $inc, 0700;
my @modes = list('modes');
for (my $i = 0; $i < @modes; $i += 3) {
  for my $at ("$live/$modes[$i + 2]", "$old/$modes[$i + 2]") {
    next unless isdir($at);
    my $mode = (lstat $at)[2] & 07777;
    ($mode & 0700) == 0700 or chmod $mode | 0700, $at or die "$at: $!\n";
  }
}
my (@emptied, @owners) = list('emptied');
for (my $i = $#emptied - 2; $i >= 0; $i -= 3) {
  my ($mode, $owner, $path) = @emptied[$i .. $i + 2];
  next if there("$live/$path");
  guard($path);
  mkdir "$live/$path", 0700 or die "$live/$path: $!\n";
  chown split(/:/, $owner), "$live/$path";
}
for my $path (list('deleted')) {
  my ($now, $kept) = ("$live/$path", "$old/$path");
  next unless there($kept);
  guard($path);
  move($kept, $now);
}
for my $path (reverse list('changed')) {
  my ($new, $now, $kept) = ("$inc/$path", "$live/$path", "$old/$path");
  guard($path);
  if (!there($new) && there($now)) {
    above($inc, $path);
    my $over = there($kept) && !isdir($now) && !isdir($kept);
    ($over && link $now, $new) or move($now, $new);
  }
  if (there($kept)) {
    if (same($kept, $now)) { unlink $kept or die "$kept: $!\n" }
    else { move($kept, $now) }
  }
}
for (my $i = 0; $i < @modes; $i += 3) {
  my ($was, $becomes, $path) = @modes[$i .. $i + 2];
  next if $was eq '-' || !isdir("$live/$path");
  chmod oct $was, "$live/$path" or die "$live/$path: $!\n";
}
for (my $i = 0; $i < @emptied; $i += 3) {
  chmod oct $emptied[$i], "$live/$emptied[$i + 2]" if isdir("$live/$emptied[$i + 2]");
}
`,
  sh: shellText`
${SHELL_SWAP}mkdir -p "$inc"
triples modes 'while [ $# -ge 3 ]; do
  for at in "$live/$3" "$old/$3"; do real "$at" && { chmod -- u+rwx "$at" || exit 255; }; done; shift 3
done; :'
triples emptied 'while [ $# -ge 3 ]; do
  if ! there "$live/$3"; then
    mkdir -p -m 700 -- "$live/$3" || exit 255
  fi; shift 3
done; :'
triples emptied 'while [ $# -ge 3 ]; do chown -- "$2" "$live/$3" 2>/dev/null; shift 3; done; :'
each deleted 'for path do
  now=$live/$path kept=$old/$path
  if there "$kept"; then guard "$path"; mv -f -- "$kept" "$now" || exit 255; fi
done'
each changed 'for path do
  new=$inc/$path now=$live/$path kept=$old/$path
  guard "$path"
  if ! there "$new" && there "$now"; then
    above "$inc" "$path"
    if there "$kept" && [ -f "$now" ] && [ ! -L "$now" ] && [ ! -L "$kept" ] && [ -f "$kept" ] && ln -- "$now" "$new" 2>/dev/null; then :
    else mv -- "$now" "$new" || exit 255; fi
  fi
  if there "$kept"; then
    if [ ! -L "$kept" ] && [ ! -L "$now" ] && [ "$kept" -ef "$now" ]; then rm -f -- "$kept" || exit 255
    else
      if [ -L "$now" ]; then rm -f -- "$now"; fi
      mv -f -- "$kept" "$now" || exit 255
    fi
  fi
done'
triples modes 'while [ $# -ge 3 ]; do
  if [ "$1" != - ] && real "$live/$3"; then chmod -- "0$1" "$live/$3" || exit 255; fi; shift 3
done; :'
triples emptied 'while [ $# -ge 3 ]; do
  if real "$live/$3"; then chmod -- "0$1" "$live/$3" || exit 255; fi; shift 3
done; :'
`,
};
