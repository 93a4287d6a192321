import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onHost } from '../../../sandbox/world/remote.js';
import { type WordPressSide, type World } from '../../../sandbox/world.js';

const run = promisify(execFile);
const replaceScript = path.join(path.dirname(fileURLToPath(import.meta.url)), '../classic/replace.php');

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** The password as a line on stdin, so that it stands in no command line; the classic script is not so careful. */
const withPassword = 'read -r MYSQL_PWD; export MYSQL_PWD; ';
const login = (side: WordPressSide): string =>
  `-h 127.0.0.1 -P ${side.server.port} -u ${quote(side.account.user)}`;

/** `mysqldump | gzip` on production's database host. */
export const classicDump = (world: World): Promise<string> =>
  onHost(
    world.hosts['production-db'],
    world.keyFile,
    `${withPassword} mysqldump --no-defaults ${login(world.production)} --single-transaction --no-tablespaces ` +
      `--hex-blob --routines --events ${world.production.database} | gzip > ~/classic.sql.gz`,
    `${world.production.account.password}\n`,
  );

/** scp from one server to the other through the machine that runs the script. */
export async function classicTransfer(world: World): Promise<void> {
  const { 'production-db': from, staging: to } = world.hosts;
  const options = [
    '-i',
    world.keyFile,
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
  ];
  const url = (host: typeof from): string =>
    `scp://${host.user}@${host.address}:${host.port}/${host.home}/classic.sql.gz`;
  await run('scp', ['-q', '-3', '-F', 'none', '-o', 'LogLevel=ERROR', ...options, url(from), url(to)]);
}

export const classicDrop = (world: World): Promise<string> =>
  onHost(
    world.hosts.staging,
    world.keyFile,
    `${withPassword} mysql --no-defaults ${login(world.staging)} -e ` +
      quote(`DROP DATABASE ${world.staging.database}; CREATE DATABASE ${world.staging.database}`),
    `${world.staging.account.password}\n`,
  );

/** `gunzip | mysql`; definers are cut off as such scripts do it, because staging has no such accounts. */
export const classicImport = (world: World): Promise<string> =>
  onHost(
    world.hosts.staging,
    world.keyFile,
    `${withPassword} gunzip -c ~/classic.sql.gz | LC_ALL=C sed 's/DEFINER=[^*]*\\*/\\*/;s/DEFINER=\`[^ ]* //' | ` +
      `mysql --no-defaults --max-allowed-packet=256M ${login(world.staging)} ${world.staging.database}`,
    `${world.staging.account.password}\n`,
  );

/** The replace pass in PHP, on the staging host. */
export async function classicReplace(world: World): Promise<void> {
  const { server, account, database, url } = world.staging;
  const argv = ['127.0.0.1', String(server.port), account.user, database, world.production.url, url];
  await run('php', [replaceScript, ...argv], { env: { ...process.env, REPLACE_PASSWORD: account.password } });
}
