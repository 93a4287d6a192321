import { expect, test } from '@jest/globals';
import { asUsageError, createProgram } from '../../../src/cli/program.js';

const saidOf = async (...words: string[]): Promise<unknown> => {
  try {
    await createProgram().parseAsync(['node', 'understudy', ...words]);
    return undefined;
  } catch (error) {
    return asUsageError(error);
  }
};

test.each([
  [['snyc', 'acme'], "Unknown command 'snyc'. Did you mean sync?"],
  [['sync', 'acme', '--dryrun'], "Unknown option '--dryrun'. Did you mean --dry-run?"],
  [['--site', 'x', 'sync'], "Unknown option '--site'. Did you mean --sites?"],
  [['xyzzy'], "Unknown command 'xyzzy'"],
  [['--sites', 'x'], 'No command was given.'],
])('%j', async (words, message) => {
  expect(await saidOf(...words)).toMatchObject({ code: 'USAGE', exitCode: 2, message });
});
