import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../../src/cli/commands.js';
import { candidates } from '../../../src/cli/complete.js';
import { createProgram } from '../../../src/cli/program.js';
import { Reply } from '../../../src/cli/reply.js';
import { UnderstudyError } from '../../../src/errors/index.js';
import { parses } from './parses.js';

describe('every command', () => {
  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s has a summary without a full stop, and examples that its own command line takes',
    (name, { summary, examples }) => {
      expect(summary).not.toMatch(/\.$/);
      expect(examples.length).toBeGreaterThan(0);
      for (const { words } of examples) {
        expect(words).toMatch(new RegExp(`(^|-- |sites )${name}( |$)|^--sites \\S+ ${name}`));
        expect(parses(words)).toBe('');
      }
    },
  );

  test('help shows the examples and the options of all commands', () => {
    const help = createProgram()
      .commands.find((command) => command.name() === 'rollback')
      ?.configureOutput({ writeErr: () => undefined })
      .helpInformation();
    expect(help).toContain('--yes');
    expect(help).toContain('--json');
  });
});

describe('completion', () => {
  const offered = (...typed: string[]): Promise<string[]> => candidates(COMMANDS, typed, 'sites/examples');

  test.each([
    [['ro'], ['rollback']],
    [['stage', 're'], ['rewrite-urls']],
    [['stage', 'rewrite-urls', 'sin'], ['single-server']],
    [
      ['check', '--side', ''],
      ['staging', 'production'],
    ],
    [
      ['check', '--si'],
      ['--side', '--sites'],
    ],
    [['rollback', 'two'], ['two-servers']],
    [['rollback', 'two-servers', ''], []],
    [['--sites', 'sites', 'rollback', ''], []],
    [['status', 'multisite', 'two'], ['two-servers']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['unlock', '--run', ''], []],
    [['nothing', ''], COMMANDS.map(({ name }) => name).concat('help')],
  ])('%j', async (typed, expected) => {
    expect(await offered(...typed)).toEqual(expected);
  });
});

describe('--json', () => {
  const envelope = (reply: Reply, error?: unknown): unknown => JSON.parse(reply.render(error));

  test('one shape, with what was found, when all is well', () => {
    const reply = new Reply();
    Object.assign(reply, { command: 'runs', site: 'acme', outcome: { run: '', summary: '2 runs' } });
    reply.add({ runs: [] });
    reply.add({ lock: null });
    expect(envelope(reply)).toEqual({
      version: 1,
      command: 'runs',
      site: 'acme',
      run: '',
      exitCode: 0,
      summary: '2 runs',
      lines: [],
      data: { runs: [], lock: null },
    });
  });

  test('and when it failed, with what to do and what was found before', () => {
    const reply = new Reply();
    Object.assign(reply, { command: 'doctor', site: 'acme' });
    reply.add({ findings: [{ code: 'ROUTE_REFUSED' }] });
    const error = new UnderstudyError('PREFLIGHT_FAILED', 'Not ready.', { next: 'Fix it.', host: 'staging' });
    expect(envelope(reply, error)).toMatchObject({
      exitCode: 3,
      summary: 'Not ready.',
      data: { findings: [{ code: 'ROUTE_REFUSED' }] },
      error: {
        code: 'PREFLIGHT_FAILED',
        message: 'Not ready.',
        next: 'Fix it.',
        details: [],
        host: 'staging',
      },
    });
  });
});
