import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey } from '../../../../sandbox/servers/keys.js';
import { type SshServer, startSshd } from '../../../../sandbox/servers/sshd.js';
import { type SshAddress, type Site } from '../../../src/config/site.js';
import { Secret } from '../../../src/errors/index.js';
import { connectHost, connectProduction } from '../../../src/hosts/connect-host.js';
import { type ProductionHost, type WritingHost } from '../../../src/hosts/host.js';
import { type StageContext } from '../../../src/stages/stage.js';
import { type Trees } from './trees.js';

/** Two sshd's with the folders of `trees` behind them. */
export interface SshWorld {
  readonly production: ProductionHost;
  readonly staging: WritingHost;
  context(runId: string, content?: Partial<Site['content']>, signal?: AbortSignal): StageContext;
  stop(): Promise<void>;
}

const account = (name: string) => ({ name, user: `${name}_user`, password: new Secret(`${name}-Passw0rd`) });

export async function startSshWorld(trees: Trees): Promise<SshWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-ssh-'));
  const key = await generateKey(folder, 'production');
  const stagingKey = await generateKey(folder, 'staging');
  const start = (name: string, publicKey: string): Promise<SshServer> =>
    startSshd({
      folder: join(folder, name),
      home: join(folder, `${name}-home`),
      authorizedKeys: [publicKey],
    });
  const servers = [await start('p', key.publicKey), await start('s', stagingKey.publicKey)] as const;
  const address = (server: SshServer, file: string): SshAddress => ({
    kind: 'ssh',
    host: server.address,
    port: server.port,
    user: server.user,
    key: { source: 'file', path: file },
    hostKeys: [server.fingerprint],
  });
  const [there, here] = [
    address(servers[0], key.privateKeyFile),
    address(servers[1], stagingKey.privateKeyFile),
  ];
  const production = await connectProduction(there, { name: 'application', workDir: '~/.understudy/acme' });
  const staging = await connectHost(here, { side: 'staging', name: 'staging' });
  return {
    production,
    staging,
    context: (runId, content = {}, signal = new AbortController().signal) => {
      const side = (url: string, path: string, where: SshAddress, workDir: string) => ({
        url,
        path,
        address: where,
        workDir,
      });
      return {
        site: {
          name: 'acme',
          type: 'wordpress',
          production: {
            ...side('https://acme.test', trees.production, there, production.workDir),
            limits: { waitSeconds: 0 },
          },
          staging: {
            ...side('https://staging.acme.test', trees.live, here, trees.workDir),
            keepGenerations: 1,
          },
          content: {
            exclude: [],
            keepOnStaging: [],
            media: ['wp-content/uploads'],
            apply: 'staged',
            maxDeletePercent: 100,
            strict: false,
            route: 'tunnel',
            ...content,
          },
          rewrite: { network: {}, pairs: [] },
          run: { stageTimeoutSeconds: 120 },
        },
        run: { id: runId, stagingFolder: `${trees.workDir}/runs/${runId}` },
        hosts: {
          productionApplication: () => Promise.resolve(production),
          staging: () => Promise.resolve(staging),
        },
        database: {
          production: () => Promise.resolve(account('acme_production')),
          staging: () => Promise.resolve(account('acme_staging')),
        },
        // The trees hold files alone; where WordPress would lie in them is known.
        wordpress: {
          production: async () => ({ wordpressFolder: trees.production, salts: [] }),
          staging: async () => ({ wordpressFolder: trees.live, salts: [] }),
        },
        // No post names an upload.
        preflightConnections: {
          production: async () => ({ query: async () => [] }),
          productionAtOnce: async () => ({ query: async () => [] }),
        },
        reporter: { ...trees.watch, metric: () => undefined, counts: () => undefined },
        signal,
        dryRun: false,
      } as unknown as StageContext;
    },
    stop: async () => {
      await Promise.all([production.close(), staging.close()]);
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
