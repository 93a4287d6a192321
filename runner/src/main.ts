import { asUsageError, createProgram } from './cli/program.js';
import { EXIT } from './errors/index.js';
import { createConsole } from './report/console.js';
import { renderError } from './report/render-error.js';
import { exitCodeOf } from './run/result.js';

/** Wiring, exit code and error rendering; everything else is a command in cli/. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...argv]);
    return EXIT.ok;
  } catch (thrown) {
    const error = asUsageError(thrown);
    if (error === undefined) return EXIT.ok;
    // The last lines of the log must say what failed: Jenkins shows nothing else of it.
    createConsole(process.stderr).line(renderError(error));
    return exitCodeOf(error);
  }
}

void main(process.argv).then((code) => {
  process.exitCode = code;
  // A connection that hangs while closing must not keep the build: everything durable is written by now.
  setTimeout(() => process.exit(code), 2000).unref();
});
