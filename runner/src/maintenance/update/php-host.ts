import { readCommand, shellScript, writeCommand } from '../../commands/command.js';
import { type MaintenanceSettings } from '../../config/sections.js';
import { type SideSettings } from '../../config/site.js';
import { UnderstudyError } from '../../errors/index.js';
import { asAccount, asOwner } from '../../hosts/as-account.js';
import { dockerHost } from '../../hosts/docker-host.js';
import { checkedHost } from '../../hosts/guard/fenced-host.js';
import { type ReadingHost, type WritingHost } from '../../hosts/host.js';
import { below } from '../../wordpress/site/site-layout.js';
import { type Layout } from '../../wordpress/site/host-layout.js';

type Settings = Pick<MaintenanceSettings, 'runAs' | 'core' | 'composer'>;

/**
 * Where WP-CLI and Composer run: the container, or the machine of the files; as the account to which the files belong, so
 * that what they write is PHP's to change, and nothing of root's is left.
 * @throws OWNER_NOT_USABLE before anything was changed
 */
export async function phpHost(
  files: WritingHost,
  { container }: Pick<SideSettings, 'container'>,
  layout: Layout,
  settings: Settings,
): Promise<WritingHost> {
  const host = await asTheOwner(files, container, layout, settings.runAs);
  await assertMayWrite(host, layout, settings);
  return host;
}

async function asTheOwner(
  files: WritingHost,
  container: string | undefined,
  { corePhp }: Layout,
  runAs: string | undefined,
): Promise<WritingHost> {
  if (container !== undefined) {
    const user = runAs ?? (await ownerOf(dockerHost(files, container), corePhp))?.join(':');
    // What runs inside the container cannot look at the lock, which lies outside.
    return checkedHost(dockerHost(files, container, user), () => files.run(writeCommand('true')));
  }
  if (runAs !== undefined) return asAccount(files, runAs);
  const { stdout } = await files.run(readCommand('id', '-u'));
  if (stdout.toString().trim() !== '0') return files;
  const owner = await ownerOf(files, corePhp);
  return owner === undefined || owner[0] === '0' ? files : asOwner(files, ...owner);
}

/** Of WordPress itself; undefined if unknown. */
async function ownerOf(host: ReadingHost, core: string): Promise<[uid: string, gid: string] | undefined> {
  const { stdout } = await host.run(
    readCommand('stat', '-L', '-c', 'owner %u %g', `${core}/wp-includes/version.php`),
    { allowedExitCodes: 'any', label: 'look whose files WordPress is' },
  );
  const [, uid, gid] = /^owner (\d+) (\d+)$/m.exec(stdout.toString()) ?? [];
  return uid === undefined || gid === undefined ? undefined : [uid, gid];
}

/** Arguments: folders. Prints those that this account may not write to. */
const CLOSED = 'for folder do [ ! -e "$folder" ] || [ -w "$folder" ] || printf "%s\\n" "$folder"; done; id';

async function assertMayWrite(host: WritingHost, layout: Layout, settings: Settings): Promise<void> {
  const { phpRoot, corePhp, relative } = layout;
  const folders =
    settings.composer !== undefined
      ? [phpRoot, below(phpRoot, 'vendor')]
      : [below(phpRoot, relative.plugins), ...(settings.core === 'none' ? [] : [`${corePhp}/wp-includes`])];
  const fail = (message: string, stderr: string, cause?: unknown): never => {
    throw new UnderstudyError('OWNER_NOT_USABLE', message, { host: host.label, stderr, cause });
  };
  // As a command that writes: a sudo that asks for a password refuses it here, before anything is changed.
  const result = await host
    .run(shellScript('write', CLOSED, folders), {
      allowedExitCodes: 'any',
      label: 'look whether updates may write',
    })
    .catch((cause: unknown) =>
      fail(
        'No command runs as the account of the files.',
        cause instanceof UnderstudyError ? (cause.stderr ?? '') : '',
        cause,
      ),
    );
  if (result.code !== 0) fail('No command runs as the account of the files.', result.stderr);
  const lines = result.stdout.toString().trim().split('\n');
  const who = /uid=\d+(?:\([^)]*\))?/.exec(lines.at(-1) ?? '')?.[0] ?? 'the account';
  const closed = lines.slice(0, -1).filter((line) => line.startsWith('/'));
  if (closed.length > 0)
    fail(`Updates would run as ${who}, which may not write to ${closed.join(', ')}.`, '');
}
