import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { CONTAINER_OWNER } from '../../../../sandbox/month/container.js';
import { lookAtMonth } from '../../../../sandbox/month/look.js';
import { runMonth, type Month } from '../../../../sandbox/month/month.js';
import {
  createMonthWorld,
  PRODUCTION_OWNER,
  type MonthWorld,
} from '../../../../sandbox/month/month-world.js';
import { ensureBundle } from '../../../../sandbox/runner.js';

const notOf = (root: string, owner: string): string[] =>
  execFileSync('find', ['.', '(', '!', '-uid', owner, '-o', '!', '-gid', owner, ')'], {
    cwd: realpathSync(root),
    encoding: 'utf8',
  })
    .split('\n')
    .filter(Boolean);

describe.each(['bind', 'volume'] as const)(
  'a month with PHP as uid 82 on busybox, files in a %s',
  (where) => {
    let world: MonthWorld;
    let month: Month;
    beforeAll(async () => {
      await ensureBundle();
      world = await createMonthWorld({ container: where });
      month = await runMonth(world, {
        say: () => undefined,
        lookAt: async (...all) => {
          await lookAtMonth(...all).catch((cause: unknown) => {
            all[3](false, String(cause));
          });
        },
      });
    }, 1_500_000);
    afterAll(async () => world.stop(), 600_000);
    const output = (command: string): string =>
      month.commands.find(({ words }) => words[0] === command)?.result.stdout ?? '';

    test('leaves everything as a person would want to find it', () => {
      const failed = month.commands.filter(({ result }) => result.code !== 0);
      expect(
        failed.map(({ words, result }) => `${words.join(' ')}\n${result.stdout}${result.stderr}`),
      ).toEqual([]);
      expect(month.looks.filter(({ good }) => !good)).toEqual([]);
      expect(month.looks.length).toBeGreaterThan(60);
    });
    test('leaves nothing of root’s on staging, nor on any instance of production', () => {
      expect(notOf(world.staging.root, CONTAINER_OWNER)).toEqual([]);
      for (const { root } of world.instances) expect(notOf(root, PRODUCTION_OWNER)).toEqual([]);
    });
    test('what an update changed can be changed by PHP again', () => {
      const file = path.join(realpathSync(world.staging.root), 'wp-content/plugins/acme-good/acme-good.php');
      const { uid, mode } = statSync(file);
      expect([uid, (mode & 0o200) !== 0]).toEqual([Number(CONTAINER_OWNER), true]);
    });
    test('waits for the container after Portainer restarted it', () => {
      expect(output('sync')).toContain("Portainer restarts staging's stack");
      expect(output('sync')).toContain('Staging answers again');
      expect(output('sync')).not.toContain('PORTAINER_NOT_RESTARTED');
    });
  },
);
