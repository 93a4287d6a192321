import { setFlagsFromString } from 'node:v8';
import { wasInterrupted } from './cli/interruption.js';
import { asUsageError, createProgram } from './cli/program.js';
import { Reply } from './cli/reply.js';
import { EXIT } from './errors/index.js';
import { wantsColour } from './report/terminal/colour.js';
import { createConsole } from './report/terminal/console.js';
import { renderError } from './report/terminal/render-error.js';
import { exitCodeOf } from './run/result.js';

// V8 counts its own heap and lets it double before it clears up; what the runner carries is outside of it, in
// Buffers that go with a small object each. A young generation that stays small and a heap that is cleared a little
// more often save about 60 MB of Buffers that nobody needs any more, for a few percent of processor time. Tunnels and
// rows are too fast for both: see hosts/route/clear-buffers.ts.
for (const flag of ['--semi-space-growth-factor=1', '--heap-growing-percent=50']) setFlagsFromString(flag);

/** Wiring, exit code and error rendering; everything else is a command in cli/. */
async function main(argv: readonly string[]): Promise<number> {
  const reply = new Reply();
  // Also a command line that cannot be understood says which answer its reader expects.
  const asked = (option: string): boolean => argv.includes(option);
  const answer = (error?: unknown): void => {
    if (asked('--json') && !reply.taken) process.stdout.write(reply.render(error));
  };
  try {
    await createProgram(reply).parseAsync(argv.length <= 2 ? [...argv, '--help'] : [...argv]);
    answer();
    return EXIT.ok;
  } catch (thrown) {
    const error = asUsageError(thrown);
    if (error === undefined) return EXIT.ok;
    // The last lines of the log must say what failed: Jenkins shows nothing else of it.
    const colour = wantsColour(process.stderr, process.env, !asked('--no-color'));
    createConsole(process.stderr, { colour }).block(renderError(error));
    answer(error);
    return exitCodeOf(error);
  }
}

// A reader that goes away (`| head`, a closed terminal) ends its lines, not the run.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });

// A signal is never success, also one that came while the last lines were written: Jenkins takes 0 for "passed".
process.on('exit', (code) => {
  if (code !== EXIT.ok || !wasInterrupted()) return;
  process.stderr.write('INTERRUPTED: The signal came when all was done, and what was done stands.\n');
  process.exitCode = EXIT.interrupted;
});

void main(process.argv).then((code) => {
  process.exitCode = code;
  // A connection that hangs while closing must not keep the build: everything durable is written by now.
  setTimeout(() => process.exit(code), 2000).unref();
});
