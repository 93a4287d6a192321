// `npm run demo`: makes this machine ready, then shows the whole sync on a small world; see sandbox/demo.ts.
import './setup/check-node.mjs';
import { spawnSync } from 'node:child_process';
import { setUp, top } from './setup.mjs';

setUp();
const argv = ['--import', 'tsx', 'sandbox/demo.ts', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, argv, { cwd: top, stdio: 'inherit' });
process.exitCode = status ?? 1;
