import { several } from '../../errors/index.js';
import { readCommand, type ReadCommand, shellScript } from '../../commands/command.js';
import { dockerExecWords } from '../../commands/docker.js';
import { type SideSettings } from '../../config/site.js';
import { type ReadingHost } from '../../hosts/host.js';
import { phpErrorsInLog } from './page-text.js';
import { type CheckResult, resultsFor } from './check-result.js';
import { type Layout } from '../../wordpress/site/host-layout.js';

/** Where PHP and WordPress write their logs, as far as it can be known from outside of the web server's processes. */
const FIND_LOGS = `
web=$1 content=$2 core=$3 seen=
for file in "$content/debug.log" "$web/error_log" "$web/php_errorlog" "$web/wp-admin/error_log" "$web/php-errors.log" "$core/error_log" "$core/wp-admin/error_log"; do
  case $seen in *"|$file|"*) continue ;; esac
  seen="$seen|$file|"
  [ -f "$file" ] && printf '%s %s\\n' "$(($(wc -c <"$file")))" "$file"
done
exit 0`;
/** What was written since; at most a megabyte. A log that became shorter was rotated: all of it is new. */
const READ_SINCE = `
file=$1 from=$2
[ -f "$file" ] || exit 0
size=$(($(wc -c <"$file")))
[ "$size" -lt "$from" ] && from=0
[ "$size" -eq "$from" ] || tail -c "+$((from + 1))" -- "$file" | head -c 1048576`;

export interface LogMark {
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Seconds since 1970 by the host's own clock, for the container's log. */
  readonly since: number;
}

export interface LogTarget {
  readonly host: ReadingHost;
  readonly side: Pick<SideSettings, 'path' | 'container'>;
  /** Where the document root and wp-content lie on the host. */
  readonly layout: Pick<Layout, 'root' | 'web' | 'core' | 'content'>;
}

/** Where the logs end now. */
export async function markLogs(target: LogTarget): Promise<LogMark> {
  const { host, layout } = target;
  const found = await host.run(shellScript('read', FIND_LOGS, [layout.web, layout.content, layout.core]), {
    label: 'look for PHP logs',
  });
  const clock = await host.run(readCommand('date', '+%s'));
  const files = found.stdout
    .toString()
    .split('\n')
    .flatMap((line) => {
      const match = /^(\d+) (.+)$/.exec(line);
      return match === null ? [] : [{ size: Number(match[1]), path: match[2] ?? '' }];
    });
  return { files, since: Number(clock.stdout.toString().trim()) };
}

/** PHP errors that were written since. Fatal ones fail; warnings and notices are many on many sites, and are told. */
export async function checkLogs(
  target: LogTarget,
  mark: LogMark,
): Promise<{ results: CheckResult[]; notes: string[] }> {
  const now = await markLogs(target);
  const places = now.files.map(({ path }) => ({
    path,
    from: mark.files.find((file) => file.path === path)?.size ?? 0,
  }));
  const texts = await Promise.all(
    places.map(({ path, from }) =>
      readNew(target.host, shellScript('read', READ_SINCE, [path, String(from)])),
    ),
  );
  const { container } = target.side;
  if (container !== undefined) texts.push(await readNew(target.host, containerLog(container, mark.since)));
  const result = resultsFor('');
  if (texts.length === 0)
    return {
      results: [result('log', 'skipped', 'No PHP log was found on the server.')],
      notes: [
        'No PHP log was found, so errors that pages do not show were not seen (WP_DEBUG_LOG creates one).',
      ],
    };
  const errors = phpErrorsInLog(texts.join('\n'));
  const fatal = errors.filter(({ level }) => level === 'fatal');
  const mild = errors.length - fatal.length;
  const mildOnes = mild === 0 ? '' : `; ${several(mild, 'warning')}`;
  return {
    results:
      fatal.length === 0
        ? [result('log', 'passed', `No fatal error in the PHP log${mildOnes}.`)]
        : fatal.map(({ text }) => result('log', 'failed', `In the PHP log: ${text}`, text)),
    notes: [],
  };
}

async function readNew(host: ReadingHost, command: ReadCommand): Promise<string> {
  const result = await host.run(command, { allowedExitCodes: 'any', label: 'read the PHP log' });
  return `${result.stdout.toString('utf8')}\n${result.code === 0 ? result.stderr : ''}`;
}

/** PHP images write errors to the container's own output. */
function containerLog(container: string, since: number): ReadCommand {
  dockerExecWords(container, []);
  return readCommand('docker', 'logs', '--since', String(since), container);
}
