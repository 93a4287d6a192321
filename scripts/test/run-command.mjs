import { spawn } from 'node:child_process';

/**
 * Runs a command with its output shown and, at the end, returned. stdin is empty: nothing here may ask.
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runCommand(top, argv, environment = {}) {
  const [program, ...words] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: top,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment, npm_config_loglevel: 'error' },
    });
    let output = '';
    const show = (target) => (chunk) => {
      target.write(chunk);
      output = (output + chunk.toString()).slice(-200_000);
    };
    child.stdout.on('data', show(process.stdout));
    child.stderr.on('data', show(process.stderr));
    child.once('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve({ ok: false, output });
    });
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });
}
