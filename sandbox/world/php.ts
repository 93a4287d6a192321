import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A PHP string literal in single quotes. */
export const phpString = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** An SQL string literal. */
export const sqlString = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** Runs a PHP program in a folder and returns what it prints; its errors are in the exception. */
export async function runPhp(folder: string, argv: readonly string[]): Promise<string> {
  const settings = ['-d', 'display_errors=stderr', '-d', 'memory_limit=512M'];
  const { stdout } = await run('php', [...settings, ...argv], { cwd: folder, maxBuffer: 64_000_000 });
  return stdout;
}
