import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'acorn';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { configInvalid, loadSites } from '../../src/config/index.js';
import { contextOf } from '../../src/jenkins/build-context.js';
import { renderError } from '../../src/report/terminal/render-error.js';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const { version, engines } = JSON.parse(readFileSync(path.join(top, 'package.json'), 'utf8')) as {
  version: string;
  engines: { node: string };
};

/** A folder that holds runner.cjs and nothing else, and a home folder that holds nothing at all. */
let folder: string;
let home: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'understudy-bundle-'));
  home = mkdtempSync(path.join(os.tmpdir(), 'understudy-home-'));
  copyFileSync(path.join(top, 'resources/understudy/runner.cjs'), path.join(folder, 'runner.cjs'));
});
afterAll(() => {
  for (const made of [folder, home]) rmSync(made, { recursive: true, force: true });
});

function understudy(words: readonly string[], input: string | Buffer = ''): SpawnSyncReturns<Buffer> {
  return spawnSync(process.execPath, ['runner.cjs', ...words], {
    cwd: folder,
    input,
    env: { PATH: process.env['PATH'], HOME: home },
    maxBuffer: 64_000_000,
  });
}
const text = (bytes: Buffer): string => bytes.toString('utf8');

describe('runner.cjs alone in an empty folder', () => {
  test('is smaller than 5 MB', () => {
    expect(statSync(path.join(folder, 'runner.cjs')).size).toBeLessThan(5_000_000);
  });

  test('says its version', () => {
    const { status, stdout } = understudy(['--version']);
    expect([status, text(stdout)]).toEqual([0, `${version}\n`]);
  });

  test('says what it can do', () => {
    const { status, stdout } = understudy(['--help']);
    expect(status).toBe(0);
    for (const command of ['sync', 'plan', 'doctor', 'stage', 'rollback', 'recover', 'unlock', 'rewrite']) {
      expect(text(stdout)).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
    }
  });

  test('shows its help when nothing is asked', () => {
    const { status, stdout, stderr } = understudy([]);
    expect([status, text(stdout), text(stderr)]).toEqual([0, text(understudy(['--help']).stdout), '']);
  });

  test('goes on and says how it ended when its reader has gone away', () => {
    const { stdout } = spawnSync(
      'bash',
      [
        '-c',
        '{ sleep 1; node runner.cjs validate --help; echo "$?" >&3; } 3>status | true; cat status; rm status',
      ],
      { cwd: folder, env: { PATH: process.env['PATH'], HOME: home } },
    );
    expect(text(stdout)).toBe('0\n');
  });

  test('reads no code beside the command line to say what a command can do', () => {
    const counting = path.join(home, 'counting.cjs');
    writeFileSync(
      counting,
      `const vm = require('node:vm'); const { compileFunction } = vm; let read = 0;
      vm.compileFunction = (code, ...rest) => { read += code.length; return compileFunction(code, ...rest); };
      process.on('exit', () => process.stderr.write(String(read)));`,
    );
    const bytesRead = (...words: string[]): number => {
      const { status, stderr } = spawnSync(process.execPath, ['-r', counting, 'runner.cjs', ...words], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: home },
      });
      expect(status).toBe(0);
      return Number(text(stderr));
    };
    expect(bytesRead('rewrite', '--help')).toBeLessThan(250_000);
    expect(bytesRead('--sites', path.join(top, 'sites/examples'), 'validate')).toBeGreaterThan(450_000);
    rmSync(counting);
  });

  test.each(['8.17.0', '12.22.12', '18.20.8', '20.0.0'])(
    'says in one line what is wrong with node %s',
    (node) => {
      const faked = path.join(home, 'faked.cjs');
      writeFileSync(
        faked,
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } });`,
      );
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['-r', faked, 'runner.cjs', '--version'],
        { cwd: folder, env: { PATH: process.env['PATH'], HOME: home } },
      );
      rmSync(faked);
      expect([status, text(stdout), text(stderr)]).toEqual(
        node === '20.0.0'
          ? [0, `${version}\n`, '']
          : [3, '', expect.stringMatching(new RegExp(`^NODE_TOO_OLD: This is Node.js ${node} .*\\n$`))],
      );
    },
  );

  test('can be read by every node, so that an old one can say that it is too old', () => {
    const program = readFileSync(path.join(folder, 'runner.cjs'), 'utf8');
    const needed = /needed=(\d+)/.exec(program)?.[1];
    expect(engines.node).toBe(`>=${String(needed)}`);
    expect(() => parse(program, { ecmaVersion: 5, allowHashBang: true })).not.toThrow();
  });

  test.each([
    [
      'a reader that goes away',
      'yes | head -c 30000000 > big; node runner.cjs rewrite --file big --from https://acme.com --to https://b.acme.com | head -c 10',
      'REWRITE_STREAM_BROKEN',
    ],
    [
      'a full disk',
      'echo x | node runner.cjs rewrite --from https://acme.com --to https://b.acme.com > /dev/full',
      'ENOSPC',
    ],
    [
      'a folder in place of a dump',
      'node runner.cjs rewrite --file . --from https://acme.com --to https://b.acme.com',
      'is a folder',
    ],
  ])('says what is wrong with %s', (_, script, said) => {
    const { stderr } = spawnSync('sh', ['-c', script], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: home },
    });
    expect(stderr.toString()).toContain(said);
    expect(stderr.toString()).not.toContain('BUG');
    rmSync(path.join(folder, 'big'), { force: true });
  });

  test('rewrites a dump from stdin to stdout, byte for byte', () => {
    const dump = Buffer.concat([
      Buffer.from(
        "INSERT INTO `wp_options` (`option_id`,`option_value`) VALUES (1,'s:19:\\\"http://www.acme.com\\\";'),(2,'",
      ),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(" www.acme.com');\n"),
    ]);
    const pairs = ['--from', 'http://www.acme.com', '--to', 'http://staging.acme.com'];
    const { status, stdout, stderr } = understudy(['rewrite', ...pairs], dump);
    expect([status, text(stderr).includes('Error')]).toEqual([0, false]);
    expect(stdout.toString('latin1')).toBe(
      "INSERT INTO `wp_options` (`option_id`,`option_value`) VALUES (1,'s:23:\\\"http://staging.acme.com\\\";'),(2,'\xff\xfe staging.acme.com');\n",
    );
  });

  test('tells Jenkins of every example what the source tells: stages, sections, credentials', async () => {
    const { sites } = await loadSites(path.join(top, 'sites/examples'));
    expect(sites.length).toBeGreaterThan(3);
    for (const site of sites) {
      const { status, stdout } = understudy([
        '--sites',
        path.join(top, 'sites/examples'),
        'context',
        site.name,
      ]);
      expect([status, JSON.parse(text(stdout))]).toEqual([0, JSON.parse(JSON.stringify(contextOf(site)))]);
    }
    const { status, stdout } = understudy(['--sites', path.join(top, 'sites/examples'), 'validate']);
    expect([status, text(stdout)]).toEqual([
      0,
      expect.stringContaining(`${String(sites.length)} site files, no problems`),
    ]);
  });

  test('leaves a result for Jenkins when there is no such site', () => {
    const { status } = understudy(['--sites', path.join(top, 'sites/examples'), 'context', 'nobody']);
    const result = readFileSync(path.join(folder, '.understudy/nobody/result.json'), 'utf8');
    expect([status, JSON.parse(result)]).toMatchObject([2, { command: 'context', exitCode: 2 }]);
  });

  test('names every mistake of a site file and ends with 2', () => {
    mkdirSync(path.join(folder, 'sites'));
    writeFileSync(path.join(folder, 'sites/acme.yaml'), 'type: wordpress\nproduktion: {}\nstaging: {}\n');
    const { status, stderr } = understudy(['plan', 'acme']);
    rmSync(path.join(folder, 'sites'), { recursive: true });
    expect(status).toBe(2);
    expect(text(stderr)).toContain('produktion');
    expect(text(stderr)).toContain('production');
    expect(text(stderr)).not.toMatch(/at \S+ \(/);
  });

  test('finds in broken site files what the source finds: its validator was compiled beforehand', async () => {
    const examples = path.join(top, 'sites/examples');
    const sites = path.join(folder, 'sites');
    mkdirSync(sites);
    const breakages = [/: .*$/gm, /^( *\w+):/gm, /^ +- .*$/gm, /^(production|staging): *$/m];
    const instead = [': 12', '$1x:', '  - [a, true]', '$1: none'];
    for (const name of readdirSync(examples).filter((entry) => /^[a-z].*\.yaml$/.test(entry)))
      for (const [index, breakage] of breakages.entries()) {
        const broken = readFileSync(path.join(examples, name), 'utf8').replace(
          breakage,
          instead[index] ?? '',
        );
        writeFileSync(path.join(sites, `${String(index)}-${name}`), broken);
      }
    const { status, stderr } = understudy(['validate']);
    const { problems } = await loadSites(sites);
    rmSync(sites, { recursive: true });
    expect([status, problems.length > 100]).toEqual([2, true]);
    const bare = (words: string): string => words.replaceAll(`${sites}/`, 'sites/');
    expect(text(stderr)).toBe(bare(`${renderError(configInvalid(problems))}\n`));
  });

  test.each([
    ['an unknown command', ['snyc', 'acme']],
    ['a folder of sites that is not there', ['plan', 'acme']],
    ['a site name that is shell text', ['plan', 'acme; reboot']],
  ])('refuses %s with 2', (_, words) => {
    expect(understudy(words).status).toBe(2);
  });

  test('leaves nothing in the home folder, and nothing beside itself but its own workspace', () => {
    expect(readdirSync(home)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name !== '.understudy')).toEqual(['runner.cjs']);
  });
});
