import { shellText, type TwoScripts, PERL_SWAP, SHELL_SWAP } from './script.js';

/**
 * Arguments: live tree, `incoming`, generation (`retired/<run>`, holding `plan/`). Each entry is looked at where it lies,
 * so that the script may be killed anywhere and run again: what still is in `incoming` was not put in place yet.
 * A file that replaces a file is never missing in between (hard link first, then a rename over it).
 */
export const applySwap: TwoScripts = {
  perl: String.raw`
${PERL_SWAP}my %real;
# No folder on the way may be a link: it could lead out of the site.
sub guard {
  (my $path = $_[0]) =~ s{(?:\A|/)[^/]*\z}{}s or return;
  return if $path eq '' || $real{$path};
  guard($path);
  isdir("$live/$path") or die "not a folder: $live/$path\n";
  $real{$path} = 1;
}
sub modes {
  my ($last) = @_;
  my @triples = list('modes');
  while (my ($was, $becomes, $path) = splice @triples, 0, 3) {
    for my $at ($last ? "$live/$path" : ("$live/$path", "$inc/$path")) {
      next unless isdir($at);
      my $mode = (lstat $at)[2] & 07777;
      my $want = $last ? ($becomes eq '-' ? next : oct $becomes) : $mode | 0700;
      $mode == $want or chmod $want, $at or die "$at: $!\n";
    }
  }
}
mkdir $old, 0700;
modes(0);
for my $path (list('changed')) {
  my ($new, $now, $kept) = ("$inc/$path", "$live/$path", "$old/$path");
  next unless there($new);
  guard($path);
  if (there($now) && !there($kept)) {
    above($old, $path);
    my $folder = isdir($now) || isdir($new);
    ($folder || !link $now, $kept) and move($now, $kept);
  }
  move($new, $now);
}
for my $path (list('deleted')) {
  my ($now, $kept) = ("$live/$path", "$old/$path");
  next if !there($now) || there($kept);
  guard($path);
  above($old, $path);
  move($now, $kept);
}
my @emptied = list('emptied');
while (my ($mode, $owner, $path) = splice @emptied, 0, 3) {
  next unless isdir("$live/$path");
  guard($path);
  rmdir "$live/$path";
}
modes(1);
`,
  sh: shellText`
${SHELL_SWAP}mkdir -p "$old"
triples modes 'while [ $# -ge 3 ]; do
  for at in "$live/$3" "$inc/$3"; do real "$at" && { chmod -- u+rwx "$at" || exit 255; }; done; shift 3
done; :'
each changed 'for path do
  new=$inc/$path now=$live/$path kept=$old/$path
  there "$new" || continue
  guard "$path"
  if there "$now" && ! there "$kept"; then
    above "$old" "$path"
    if [ -f "$now" ] && [ ! -L "$now" ] && [ ! -L "$new" ] && [ -f "$new" ] && ln -- "$now" "$kept" 2>/dev/null; then :
    else mv -- "$now" "$kept" || exit 255; fi
  fi
  if there "$now" && [ -L "$now" ]; then rm -f -- "$now"; fi
  mv -f -- "$new" "$now" || exit 255
done'
each deleted 'for path do
  now=$live/$path kept=$old/$path
  if there "$now" && ! there "$kept"; then
    guard "$path"; above "$old" "$path"; mv -- "$now" "$kept" || exit 255
  fi
done'
triples emptied 'while [ $# -ge 3 ]; do
  if real "$live/$3"; then guard "$3"; rmdir -- "$live/$3" 2>/dev/null; fi; shift 3
done; :'
triples modes 'while [ $# -ge 3 ]; do
  if real "$live/$3" && [ "$2" != - ]; then chmod -- "0$2" "$live/$3" || exit 255; fi; shift 3
done; :'
`,
};
