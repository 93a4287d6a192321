import { type Pair } from '../../sandbox/engines/engine-world.js';
import { type EngineName, engineNames } from '../../sandbox/engines/engines.js';
import {
  allPairs,
  cellName,
  type MatrixResult,
  readMatrixResult,
  type RecordedCell,
} from '../../sandbox/engines/matrix.js';
import { type GeneratedFile } from './generated-file.js';

const introduction = `# Which database servers work together

<!-- Made from runner/test/suites/engines/result.json by npm run generate. Do not edit. -->

\`npm run suites -- engines\` syncs a WordPress and tables of every kind from each of these servers to each: in swap mode
with the client programs of the servers' own vendors, and in replace mode with the other vendor's. Every row is compared
by hashes that share no code with the product: after a swap and after a replacement those of every kind of table, in swap
mode also those of WordPress' own tables before addresses are rewritten.
What staging cannot hold has to be named by the preflight, before anything is dumped; the sync then runs without it.
`;

const hosts = `## Hosts

| host | what is tried | by |
|---|---|---|
| Debian 11, 12, 13 (OpenSSH 8.4, 9.2, 10; MariaDB's programs 10.5, 10.11, 11.8) | our connection, the dump program and the import client get into MariaDB and MySQL over sockets and TCP, with and without TLS | \`npm run suites -- hosts\` |
| MySQL's programs in the place of MariaDB's | the same | \`npm run suites -- hosts\` |
| login shells bash, dash, zsh, tcsh, fish of Debian 12; zsh, tcsh, fish of Debian 11 and 13 | words arrive as they are, what start files print does not; nologin is named | \`npm test\`, \`npm run suites -- hosts\` |
| busybox for the shell and all its tools | syncs, rollback, a stop halfway | \`npm run suites -- sandbox\` |
| sshd with \`MaxSessions 1\` | commands wait for each other; sessions that stay open, and what has waited for 15 s, get connections of their own | \`npm test\` |

A host needs rsync 3.1 or later and, for the database, the client and dump programs of either vendor. perl and zstd make it faster;
without them awk and gzip do the work.
`;

interface Cell {
  readonly pair: Pair;
  readonly result: RecordedCell | undefined;
}

/** docs/compatibility.md: what the matrix suite saw, cell by cell, when each last ran. */
export const compatibilityPage: GeneratedFile = {
  path: 'docs/compatibility.md',
  render: () => compatibilityText(readMatrixResult()),
};

/** Pure; exported for its test. */
export function compatibilityText(result: MatrixResult): string {
  const cells = allPairs.map((pair): Cell => ({ pair, result: result[cellName(pair)] }));
  return [
    introduction,
    ...matrix(cells),
    '',
    'yes: WordPress and all kinds of tables came over, row by row. yes, but N: this many kinds cannot be held there, or not be',
    'dumped by those programs; they are below. The date is that of the last run. Tables called wp_k_… are those of',
    '`sandbox/engines/kinds/`, which shows how each is made.',
    '',
    '## What cannot go where, and what the preflight says',
    '',
    ...byPair(cells, ({ refusals }) => refusals),
    '',
    '## What the copy lacks, and the preflight says so',
    '',
    ...byPair(cells, ({ warnings }) => warnings),
    '',
    hosts,
  ].join('\n');
}

function matrix(cells: readonly Cell[]): string[] {
  const title = (engine: EngineName): string => {
    const versions = cells.flatMap(({ pair, result }) => [
      ...(pair.production === engine && result !== undefined ? [result.versions[0]] : []),
      ...(pair.staging === engine && result !== undefined ? [result.versions[1]] : []),
    ]);
    const numbers = [...new Set(versions.map((version) => version.replace(/-.*/, '')))];
    return `${engine === 'mysql' ? 'MySQL' : 'MariaDB'} ${numbers.join(', ') || engine.replace(/^\w+-/, '')}`;
  };
  const at = (production: EngineName, staging: EngineName) =>
    cells.filter(({ pair }) => pair.production === production && pair.staging === staging);
  return [
    `| from ↓ to → | ${engineNames.map(title).join(' | ')} |`,
    `|---|${engineNames.map(() => '---|').join('')}`,
    ...engineNames.map(
      (production) =>
        `| ${title(production)} | ${engineNames.map((staging) => at(production, staging).map(outcome).join('<br>')).join(' | ')} |`,
    ),
  ];
}

function outcome({ pair, result }: Cell): string {
  if (result === undefined) return `${pair.mode}: never run`;
  const count = result.refused.length;
  const word = result.problems.length > 0 ? '**fails**' : count === 0 ? 'yes' : `yes, but ${String(count)}`;
  return `${pair.mode}: ${word} (${result.date})`;
}

/** Sentences, each once, with the cells that they were said of; a pair of servers without a mode means both. */
function byPair(cells: readonly Cell[], of: (cell: RecordedCell) => readonly string[]): string[] {
  const said = new Map<string, Set<string>>();
  for (const { pair, result } of cells)
    for (const sentence of result === undefined ? [] : of(result)) {
      // The host is the sandbox's.
      const clean = sentence.replace(/ \((?:production|staging)[^()]*\([^()]*\)\)$/, '');
      said.set(clean, (said.get(clean) ?? new Set<string>()).add(cellName(pair)));
    }
  if (said.size === 0) return ['Nothing.'];
  return [...said].map(([sentence, names]) => `- ${withoutModes([...names]).join(', ')}: ${sentence}`);
}

function withoutModes(names: readonly string[]): readonly string[] {
  const servers = (name: string) => name.replace(/ \w+$/, '');
  const isInBoth = (name: string) => names.filter((each) => servers(each) === servers(name)).length === 2;
  return [...new Set(names.map((name) => (isInBoth(name) ? servers(name) : name)))];
}
