import { shellScript } from '../../commands/command.js';
import { quoteWords } from '../../commands/quote.js';
import { type Part, type PrepareContext } from './prepare-types.js';

/** $1 folder. Prints `there`, `missing` (the account may make it), `unwritable` or `foreign`, and a group that a web server has. */
const LOOK = `group=
for name in www-data nginx apache www http; do
  if getent group "$name" >/dev/null 2>&1 || grep -q "^$name:" /etc/group 2>/dev/null; then group=$name; break; fi
done
d=$1
if [ -d "$d" ]; then [ -w "$d" ] && [ -x "$d" ] && state=there || state=unwritable
elif [ -e "$d" ] || [ -L "$d" ]; then state=foreign
else
  until [ -d "$d" ]; do d=\${d%/*}; [ -n "$d" ] || d=/; done
  [ -w "$d" ] && state=missing || state=unwritable
fi
echo "$state $group"`;

/** The document root. */
export async function prepareFolder({ site, staging, apply }: PrepareContext): Promise<Part> {
  const { path } = site.staging;
  const name = 'folder';
  const { stdout } = await staging.run(shellScript('read', LOOK, [path]), { label: `look at ${path}` });
  const [state = '', group = ''] = stdout.toString().trim().split(' ');
  if (state === 'there') return { name, state: 'there', sentence: path, lines: [] };
  if (state === 'foreign')
    return { name, state: 'open', sentence: `${path} is no folder; move it away`, lines: [] };
  const { user } = await staging.identity();
  if (state === 'missing') {
    if (apply)
      await staging.run(shellScript('write', 'umask 022; mkdir -p -- "$1"', [path]), {
        label: `make ${path}`,
      });
    return {
      name,
      state: apply ? 'made' : 'would',
      sentence: path,
      lines: apply ? [] : [`mkdir -p ${quoteWords([path])}`],
    };
  }
  const owner = `-o ${quoteWords([user])}${group === '' ? '' : ` -g ${group}`} -m 2775`;
  return {
    name,
    state: 'open',
    sentence: `${user} may not write ${path}; as root on staging:`,
    lines: [`install -d ${owner} ${quoteWords([path])}`],
  };
}
