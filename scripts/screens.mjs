// `npm run screens`: makes this machine ready, then takes pictures of the pages of real runs; see sandbox/screens.ts.
import './setup/check-node.mjs';
import { spawnSync } from 'node:child_process';
import { setUp, top } from './setup.mjs';

setUp();
const argv = ['--import', 'tsx', 'sandbox/screens.ts', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, argv, { cwd: top, stdio: 'inherit' });
process.exitCode = status ?? 1;
