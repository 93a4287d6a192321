import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle, ensureBundle, projectFolder } from '../../../sandbox/runner.js';

let folder: string;
beforeAll(async () => {
  await ensureBundle();
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-completion-'));
  const program = path.join(folder, 'understudy');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${bundle}" "$@"\n`);
  chmodSync(program, 0o755);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What each shell offers, asked as it asks itself. */
const shells = {
  bash: [
    'bash',
    '-c',
    'source <(understudy completion bash); COMP_WORDS=(understudy rollback two); COMP_CWORD=2; _understudy; printf "%s\\n" "${COMPREPLY[@]}"',
  ],
  zsh: [
    'zsh',
    '-f',
    '-c',
    'autoload -Uz compinit; compinit -u -D; source <(understudy completion zsh); words=(understudy rollback two); CURRENT=3; compadd() { print -l -- ${(P)2}; }; _understudy',
  ],
  fish: ['fish', '-c', 'understudy completion fish | source; complete -C "understudy rollback two"'],
} as const;

test.each(Object.entries(shells))(
  '%s completes the name of a site',
  (_, [program, ...words]) => {
    const environment = {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      UNDERSTUDY_SITES: path.join(projectFolder, 'sites/examples'),
    };
    expect(execFileSync(program, words, { env: environment, encoding: 'utf8' }).trim()).toBe('two-servers');
  },
  60_000,
);
