import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { busyboxTools } from '../../../../sandbox/servers/busybox.js';
import { readCommand } from '../../../src/commands/command.js';
import { type WritingHost } from '../../../src/hosts/host.js';
import { createLocalHost } from '../../../src/hosts/local-host.js';
import {
  type ItemTarget,
  restoreFileSnapshot,
  takeFileSnapshot,
} from '../../../src/maintenance/update/file-snapshot.js';
import { type SideSettings } from '../../../src/config/site.js';
import { restoreFiles } from '../../../src/maintenance/update/restore-files.js';
import { layoutOf, type Layout } from '../../../src/wordpress/site/host-layout.js';

const host = createLocalHost('staging', 'staging');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-item-'));
  for (const [name, text] of Object.entries({
    'wp-config.php': 'config',
    'index.php': 'index 1',
    '.htaccess': 'rules',
    'wp-includes/version.php': '1',
    'wp-admin/a.php': '1',
    'wp-content/plugins/one two/one.php': 'never touched',
    'wp-content/plugins/good/good.php': '1',
    'wp-content/plugins/good/old.php': 'old',
    'wp-content/plugins/single.php': 'single 1',
    'wp-content/themes/acme/style.css': '1',
    'wp-content/mu-plugins/code.php': 'mu 1',
    'wp-content/uploads/a.png': 'a',
  }))
    write(name, text);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => path.join(folder, 'site', name);
function write(name: string, text: string): void {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}
const fingerprint = (): string =>
  execFileSync('sh', ['-c', 'find . -type f -exec sha256sum {} + | sort -k2; find . -type d | sort'], {
    cwd: path.join(folder, 'site'),
  }).toString();

/** An account that is not root, and the owner of the files in a container, where all tools are busybox's. */
async function asOwner(layout: Layout): Promise<Parameters<typeof restoreFiles>[0]> {
  tools ??= (await busyboxTools()).folder;
  const environment = { PATH: tools };
  const run: WritingHost['run'] = (command, options) => host.run({ ...command, environment }, options);
  const files: WritingHost = {
    ...host,
    run: (command, options) => {
      if (command.effect === 'write')
        return Promise.reject(new Error('it would be the file of another account'));
      return host.run(command.argv[0] === 'id' ? readCommand('echo', '1000') : command, options);
    },
  };
  return { files, php: { ...host, run }, layout };
}
let tools: string | undefined;

async function roundTrip(item: ItemTarget, damage: () => void): Promise<readonly string[]> {
  const layout = layoutOf({ path: at('').replace(/\/$/, '') } as SideSettings, undefined);
  const snapshot = path.join(folder, 'work/update/item');
  const before = fingerprint();
  await takeFileSnapshot(host, layout, item, snapshot);
  damage();
  expect(fingerprint()).not.toBe(before);
  const removed = await restoreFileSnapshot(host, layout, item, snapshot);
  expect(fingerprint()).toBe(before);
  // A process that was killed after it had put everything back does it again.
  await restoreFileSnapshot(host, layout, item, snapshot);
  expect(fingerprint()).toBe(before);
  await takeFileSnapshot(host, layout, item, snapshot);
  damage();
  expect(await restoreFiles(await asOwner(layout), item, snapshot)).toEqual(removed);
  expect(fingerprint()).toBe(before);
  return removed;
}

describe('the files of an item come back byte for byte', () => {
  test('a plugin that was replaced, and wrote a drop-in, a must-use plugin and settings', async () => {
    const removed = await roundTrip({ kind: 'plugin', slug: 'good' }, () => {
      rmSync(at('wp-content/plugins/good'), { recursive: true });
      write('wp-content/plugins/good/good.php', '2');
      write('wp-content/advanced-cache.php', 'drop-in');
      write('wp-content/mu-plugins/loader.php', 'new');
      write('wp-config.php', 'config with WP_CACHE');
      write('.htaccess', 'more rules');
      write('wp-content/plugins/companion/companion.php', 'came along');
    });
    expect(removed).toEqual(['plugins/companion', 'advanced-cache.php']);
  });
  test('a plugin of one file, deleted', () =>
    roundTrip({ kind: 'plugin', slug: 'single' }, () => {
      rmSync(at('wp-content/plugins/single.php'));
    }));
  test('a theme', () =>
    roundTrip({ kind: 'theme', slug: 'acme' }, () => {
      write('wp-content/themes/acme/style.css', '2');
      write('wp-content/themes/acme/new.php', '2');
    }));
  test('WordPress itself, with the page that a dead updater leaves', async () => {
    await roundTrip({ kind: 'core', slug: 'wordpress' }, () => {
      write('wp-includes/version.php', '2');
      write('wp-includes/new.php', '2');
      write('index.php', 'index 2');
      write('wp-new.php', 'new file');
      write('.maintenance', '<?php $upgrading = 1;');
      write('wp-content/themes/twentythirty/style.css', 'bundled');
    });
    expect(existsSync(at('.maintenance'))).toBe(false);
  });
  test('uploads and other plugins are not part of it', async () => {
    const layout = layoutOf({ path: at('').replace(/\/$/, '') } as SideSettings, undefined);
    await takeFileSnapshot(host, layout, { kind: 'plugin', slug: 'good' }, path.join(folder, 'snapshot'));
    write('wp-content/uploads/b.png', 'b');
    await restoreFileSnapshot(host, layout, { kind: 'plugin', slug: 'good' }, path.join(folder, 'snapshot'));
    expect(readFileSync(at('wp-content/uploads/b.png'), 'utf8')).toBe('b');
    expect(existsSync(path.join(folder, 'snapshot/files/content/uploads'))).toBe(false);
  });
});
