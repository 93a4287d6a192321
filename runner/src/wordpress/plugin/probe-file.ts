import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { shellScript } from '../../commands/command.js';
import { deferred } from '../../hosts/deferred.js';
import { type WritingHost } from '../../hosts/host.js';

/**
 * Puts a text file and a PHP file that prints the same into the document root, and into the folders below it in which
 * frameworks keep their real one; says `ready`, and takes them away when its input ends, which it does with the
 * connection too. What an earlier one left after a power cut goes first. The folder keeps its time of change.
 */
const SCRIPT = `set -u
cd "$1" 2>/dev/null || { echo missing; cat > /dev/null; exit 0; }
umask 022
stamps=$(mktemp -d) || exit 1
folders=.
for folder in web public public_html htdocs; do
  [ -f "$folder/index.php" ] && folders="$folders $folder"
done
for folder in $folders; do
  touch -r "$folder" "$stamps/$folder.stamp"
  find "$folder/." ! -name . -prune -type f -name 'understudy-probe-*' -mmin +60 -exec rm -f -- {} \\; 2>/dev/null
done
clean() {
  for folder in $folders; do
    rm -f -- "$folder/$1.txt" "$folder/$1.php"
    touch -r "$stamps/$folder.stamp" "$folder" 2>/dev/null
  done
  rm -rf -- "$stamps"
}
trap 'clean "$2"' EXIT
trap 'exit 1' HUP INT TERM
for folder in $folders; do
  { printf '%s' "$3" > "$folder/$2.txt" && printf "<?php echo '%s';" "$3" > "$folder/$2.php"; } 2>/dev/null ||
    { echo unwritable; cat > /dev/null; exit 0; }
done
echo ready
cat > /dev/null
`;

export interface ProbeFile {
  /** Without its ending: `.txt` is served as it is, `.php` prints it. */
  readonly name: string;
  /** What only this host can answer. */
  readonly content: string;
}

/**
 * Works while the two files lie in the document root.
 * @param atEnd takes their removal, which the answer does not wait for
 * @returns what the work returned, or a sentence why the files could not be put there
 */
export async function withProbeFile<Answer>(
  host: WritingHost,
  path: string,
  work: (probe: ProbeFile) => Promise<Answer>,
  atEnd?: (removal: Promise<unknown>) => void,
): Promise<Answer | string> {
  const probe = {
    name: `understudy-probe-${randomBytes(8).toString('hex')}`,
    content: randomBytes(16).toString('hex'),
  };
  const stdin = new PassThrough();
  let said = '';
  const answered = deferred<true>();
  let answer: Promise<Answer> | undefined;
  const run = host.run(shellScript('write', SCRIPT, [path, probe.name, probe.content]), {
    stdin,
    onStdout: (chunk) => {
      said += chunk.toString();
      // Log-in shells may print lines of their own before.
      if (/^(missing|unwritable)$/m.test(said)) stdin.end();
      if (answer !== undefined || !/^ready$/m.test(said)) return;
      answer = work(probe);
      // Awaited below; here only its end matters.
      void answer
        .catch(() => undefined)
        .finally(() => {
          stdin.end();
          answered.resolve(true);
        });
    },
    timeoutSeconds: 120,
    label: "ask staging's address for a file of the staging host",
  });
  const removed = run.finally(() => stdin.end());
  if (atEnd === undefined) await removed;
  else {
    await Promise.race([removed, answered.promise]);
    atEnd(removed);
  }
  if (answer !== undefined) return answer;
  return said.includes('missing') ? `${path} does not exist yet` : `the account cannot write into ${path}`;
}
