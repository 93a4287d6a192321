import { homedir } from 'node:os';
import path from 'node:path';

/** A path on the runner: `~/` is the home folder of the account that Understudy runs as. */
export const inRunnerHome = (file: string): string =>
  file.startsWith('~/') ? path.join(homedir(), file.slice(2)) : file;
