import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RunnerCall, type RunnerResult, runUnderstudy } from '../runner.js';
import { LOGIN, type NewcomerWorld } from './newcomer-world.js';

const sitesOf = ({ folder }: NewcomerWorld): string => path.join(folder, 'agent/sites');
export const siteFileOf = (world: NewcomerWorld): string => path.join(sitesOf(world), 'acme.yaml');

/** The third machine: where the newcomer types. */
export const agentOf = (
  world: NewcomerWorld,
  environment: Readonly<Record<string, string>> = {},
): RunnerCall => ({
  sites: sitesOf(world),
  workspace: path.join(world.folder, 'agent/workspace'),
  environment: { ACME_STAGING_LOGIN: LOGIN, ...environment },
});

/** What is typed first. @param keys with the host keys that were compared on the consoles */
export function initWords(world: NewcomerWorld, keys: boolean): string[] {
  const side = (name: 'production' | 'staging', url: string): string[] => {
    const { ssh, pages } = world[name];
    return [
      ...[`--${name}`, url, `--${name}-ssh`, `deploy@${ssh.address}:${String(ssh.port)}`],
      ...[`--${name}-resolve`, pages, `--${name}-ca`, world.ca],
      ...(keys ? [`--${name}-host-key`, ssh.fingerprint] : []),
    ];
  };
  return [
    ...['init', 'acme', '--key', world.key],
    ...side('production', 'https://www.acme.test'),
    ...side('staging', 'https://staging.acme.test'),
    ...['--staging-path', world.staging.root],
  ];
}

/** Runs a command and wants this exit code; everything that it said. */
export async function expectExit(world: NewcomerWorld, code: number, ...words: string[]): Promise<string> {
  const done: RunnerResult = await runUnderstudy(agentOf(world), ...words);
  const said = done.stdout + done.stderr;
  if (done.code !== code)
    throw new Error(`understudy ${words.join(' ')} ended with ${String(done.code)}:\n${said}`);
  return said;
}

/** Does what `prepare` prints, as the newcomer and the administrator of staging; everything that it said. */
export async function prepareStaging(world: NewcomerWorld): Promise<string> {
  const { staging } = world;
  const shown = await expectExit(world, 0, 'prepare', 'acme');
  await world.asRoot(staging, printed(shown, /install -d .*/));
  const applied = await expectExit(world, 3, 'prepare', 'acme', '--apply');
  await world.asRoot(staging, printed(applied, /mariadb < \S+/));
  const rule = printed(applied, /location \/ \{.*\}/);
  writeFileSync(staging.nginx, readFileSync(staging.nginx, 'utf8').replace(/\}\n$/, `${rule}\n}\n`));
  await world.reloadNginx();
  await world.startStaging();
  return shown + applied + (await expectExit(world, 0, 'prepare', 'acme', '--apply'));
}

function printed(said: string, pattern: RegExp): string {
  const [line] = pattern.exec(said) ?? [];
  if (line === undefined) throw new Error(`${String(pattern)} is not in:\n${said}`);
  return line;
}
