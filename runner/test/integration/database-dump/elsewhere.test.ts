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

test.each([
  ['perl', ['perl', '-e', PERL_SPLITTER]],
  ['awk', ['awk', AWK_SPLITTER]],
])('rows that lie elsewhere are not in the backup (%s)', (_name, [program = '', ...words]) => {
  const { stdout, status } = spawnSync(program, [...words, 'cat', 'sql', '4000000', '1', ''], {
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
