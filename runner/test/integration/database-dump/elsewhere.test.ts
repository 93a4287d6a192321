import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AWK_SPLITTER } from '../../../src/commands/scripts/splitter-awk.js';
import { PERL_SPLITTER } from '../../../src/commands/scripts/splitter-perl.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'splitter-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As mariadb-dump writes it of a MySQL, which calls the engine MRG_MYISAM where it looks. */
const table = (name: string, options: string) => `-- Table structure for table \`${name}\`
CREATE TABLE \`${name}\` (
  \`id\` int NOT NULL
) ${options};
LOCK TABLES \`${name}\` WRITE;
INSERT INTO \`${name}\` VALUES
(1),
(2);
UNLOCK TABLES;
`;
const dump = `${table('all_of_it', 'ENGINE=MRG_MyISAM UNION=(`part`)')}${table('afar', "ENGINE=FEDERATED CONNECTION='x'")}${table('part', 'ENGINE=MyISAM')}-- Dump completed\n`;

const SPLITTERS = [
  ['perl', ['perl', '-e', PERL_SPLITTER]],
  ['awk', ['awk', AWK_SPLITTER]],
] as const;

test.each(SPLITTERS)(
  'production.limits.dump holds the dump back and changes nothing of it (%s)',
  (_name, words) => {
    const [program, ...rest] = words;
    const split = (rate: string) => {
      const started = performance.now();
      const { stdout, status } = spawnSync(program, [...rest, 'cat', 'sql', '4000000', '1', '', rate], {
        cwd: mkdtempSync(path.join(folder, 'rate-')),
        input: dump,
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      });
      expect(status).toBe(0);
      return { facts: stdout.toString(), seconds: (performance.now() - started) / 1000 };
    };
    const rate = Math.floor(dump.length / 2);
    const [free, held] = [split('0'), split(String(rate))];
    expect(held.facts).toBe(free.facts);
    expect(held.seconds).toBeGreaterThan(1.5);
  },
);

test.each(SPLITTERS)('rows that lie elsewhere are not in the backup (%s)', (_name, words) => {
  const [program, ...rest] = words;
  const { stdout, status } = spawnSync(program, [...rest, 'cat', 'sql', '4000000', '1', ''], {
    cwd: folder,
    input: dump,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
  expect(status).toBe(0);
  const metrics = stdout.toString();
  expect(metrics.match(/^T \d+ \d+ \w+ .*$/gm)).toEqual([
    'T 0 0 MRG_MyISAM all_of_it',
    'T 0 0 FEDERATED afar',
    expect.stringMatching(/^T 2 \d+ MyISAM part$/),
  ]);
  expect(metrics.match(/^S .*$/gm)).toEqual(['S data/0001.sql.sql part']);
  expect(readdirSync(path.join(folder, 'data'))).toHaveLength(1);
});
