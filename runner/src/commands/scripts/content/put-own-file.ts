import { WHOLE_INPUT } from '../whole-input.js';
import { shellText } from './script.js';

/**
 * Arguments: live tree, folder of the run, path relative to the tree, bytes of stdin: the file. Puts it into `incoming` at the
 * place where the path leads once the new files are in place: a part that is a link there is followed within the site.
 * Folders that staging has keep their mode. Exit 4: the path leads out of the site or over a file; says where.
 */
export const PUT_OWN_FILE = shellText`
set -eu
LC_ALL=C; export LC_ALL
${WHOLE_INPUT}live=$1 inc=$2/incoming rest=$3; lists=$2/content
real=$(cd -P -- "$live" && pwd -P)
there() { [ -e "$1" ] || [ -L "$1" ]; }
refuse() { echo "$1" >&2; exit 4; }
path= hops=0
while case $rest in */*) : ;; *) false ;; esac; do
  part=\${rest%%/*} rest=\${rest#*/}
  case $part in
    ''|.) continue ;;
    ..) [ -n "$path" ] || refuse "$3 leads out of $live"
      case $path in */*) path=\${path%/*} ;; *) path= ;; esac; continue ;;
  esac
  next=\${path:+$path/}$part at=$inc/\${path:+$path/}$part
  there "$at" || at=$live/$next
  if [ -L "$at" ]; then
    hops=$((hops + 1)); [ "$hops" -le 20 ] || refuse "$next leads to itself"
    to=$(readlink -- "$at")
    case $to in
      "$live"/*) rest=\${to#"$live"/}/$rest path= ;;
      "$real"/*) rest=\${to#"$real"/}/$rest path= ;;
      /*) refuse "$live/$next is a link to $to" ;;
      *) rest=$to/$rest ;;
    esac
    continue
  fi
  [ ! -e "$at" ] || [ -d "$at" ] || refuse "$live/$next is a file"
  path=$next
done
umask 022
mkdir -p -- "$lists" "$inc"
made= at=
while [ "$at" != "$path" ]; do
  more=\${path#"\${at:+$at/}"}; at=\${at:+$at/}\${more%%/*}
  [ -d "$inc/$at" ] || { mkdir -- "$inc/$at"; made="$at
$made"; }
done
file=$inc/\${path:+$path/}$rest
whole "$file.new" "$4"
chmod 0644 -- "$file.new"
mv -f -- "$file.new" "$file"
printf %s "$made" | while IFS= read -r at; do
  if [ -d "$live/$at" ]; then chmod "$(stat -c %a -- "$live/$at")" "$inc/$at"; fi
done
`;
