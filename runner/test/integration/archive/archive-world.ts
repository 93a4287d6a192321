import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { type ArchiveHost, startArchiveHost } from '../../../../sandbox/archive/archive-host.js';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { sshAddressOf } from '../../../../sandbox/servers/ssh-address.js';
import { startSshd, type SshServer } from '../../../../sandbox/servers/sshd.js';
import { loadSite } from '../../../src/config/load/load-sites.js';
import { type Site, type SshAddress } from '../../../src/config/site.js';
import { connectHost } from '../../../src/hosts/connect-host.js';
import { type WritingHost } from '../../../src/hosts/host.js';

/** A staging host with a small site and an archive host with an empty folder, each a real sshd with a key of its own. */
export interface ArchiveWorld {
  readonly folder: string;
  readonly stagingRoot: string;
  readonly efs: string;
  readonly archiveHome: string;
  readonly staging: WritingHost;
  readonly archive: WritingHost;
  readonly stagingAddress: SshAddress;
  readonly archiveAddress: SshAddress;
  readonly stagingServer: SshServer;
  site(sections: Record<string, unknown>): Promise<Site>;
  stop(): Promise<void>;
}

export async function createArchiveWorld(): Promise<ArchiveWorld> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'understudy-archive-'));
  const [stagingKey, archiveKey] = [
    await generateKey(path.join(folder, 'keys'), 'staging'),
    await generateKey(path.join(folder, 'keys'), 'archive'),
  ];
  const stagingFolder = path.join(folder, 'staging');
  const stagingServer = await startSshd({
    folder: path.join(stagingFolder, 'sshd'),
    home: path.join(stagingFolder, 'home'),
    authorizedKeys: [stagingKey.publicKey],
    address: '127.0.0.13',
  });
  const archiveServer: ArchiveHost = await startArchiveHost({
    folder: path.join(folder, 'archive'),
    authorizedKeys: [archiveKey.publicKey],
    site: 'acme',
  });
  const stagingAddress = sshAddressOf(stagingServer, stagingKey);
  const archiveAddress = sshAddressOf(archiveServer, archiveKey);
  const staging = await connectHost(stagingAddress, { side: 'staging', name: 'staging' });
  const archive = await connectHost(archiveAddress, { side: 'archive', name: 'archive' });
  const stagingRoot = path.join(stagingFolder, 'www');
  await writeSite(stagingRoot);
  return {
    folder,
    stagingRoot,
    efs: archiveServer.efs,
    archiveHome: archiveServer.home,
    staging,
    archive,
    stagingAddress,
    archiveAddress,
    stagingServer,
    site: (sections) => siteOf(folder, stagingRoot, archiveServer.efs, sections),
    stop: async () => {
      await Promise.all([staging.close(), archive.close()]);
      await Promise.all([stagingServer.stop(), archiveServer.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function siteOf(
  folder: string,
  root: string,
  efs: string,
  sections: Record<string, unknown>,
): Promise<Site> {
  const sites = path.join(folder, 'sites');
  await mkdir(sites, { recursive: true });
  const file = {
    type: 'wordpress',
    production: { url: 'https://www.acme.test', ssh: 'deploy@production.acme.test', path: '/var/www/acme' },
    staging: { url: 'https://staging.acme.test', ssh: 'deploy@staging.acme.test', path: root },
    archive: { ssh: 'deploy@archive.acme.test', path: efs },
    ...sections,
  };
  await writeFile(path.join(sites, 'acme.yaml'), stringify(file));
  return loadSite(sites, 'acme');
}

/** Code with everything that trips git up, and beside it what must never be archived. */
const SITE: Readonly<Record<string, string>> = {
  'index.php': '<?php require "wp-blog-header.php";\n',
  'wp-settings.php': '<?php\r\n// line ends as Windows has them\r\n',
  'wp-config-sample.php': "<?php define( 'DB_PASSWORD', 'password_here' );\n",
  'wp-admin/index.php': '<?php // admin\n',
  'wp-includes/version.php': "<?php $wp_version = '6.4.3';\n",
  'wp-content/index.php': '<?php // Silence is golden.\n',
  'wp-content/plugins/akismet/akismet.php': "<?php /* Version: 5.3.1 */ echo '$Id$';\n",
  'wp-content/plugins/akismet/.gitattributes':
    '* text eol=crlf ident filter=evil\n*.po working-tree-encoding=UTF-16\n',
  'wp-content/plugins/akismet/.gitignore': '*\n',
  'wp-content/plugins/akismet/language.po': 'msgid ""\n',
  'wp-content/plugins/akismet/vendor/ignored.php': '<?php // a .gitignore names it\n',
  'wp-content/plugins/jetpack/bin/run.sh': '#!/bin/sh\necho run\n',
  'wp-content/plugins/jetpack/names/with space & ünïcode.php': '<?php\n',
  'wp-content/plugins/jetpack/names/back\\slash.php': '<?php\n',
  'wp-content/themes/acme/style.css': '/* Version: 2.0 */\n',
  'wp-content/languages/plugins/akismet-de_DE.po': 'msgid "a"\n',
  'wp-config.php': "<?php define( 'DB_PASSWORD', 'the-real-one' );\n",
  '.env': 'SECRET=1\n',
  'wp-content/plugins/jetpack/.env': 'SECRET=2\n',
  'wp-content/plugins/jetpack/id_rsa': 'a key\n',
  'wp-content/plugins/jetpack/backup.sql.gz': 'a dump\n',
  'wp-content/uploads/2024/picture.jpg': 'a picture\n',
  'wp-content/cache/page.html': 'a page\n',
};

/** What of {@link SITE} is code, without the link. */
export const CODE = Object.keys(SITE).filter(
  (name) => !/wp-config\.php|\.env|id_rsa|\.sql\.gz|uploads|cache/.test(name),
);

async function writeSite(root: string): Promise<void> {
  for (const [name, text] of Object.entries(SITE)) await put(root, name, text);
  await chmod(path.join(root, 'wp-content/plugins/jetpack/bin/run.sh'), 0o755);
  await symlink('run.sh', path.join(root, 'wp-content/plugins/jetpack/bin/start'));
}

export async function put(root: string, name: string, text: string | Buffer): Promise<void> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}
