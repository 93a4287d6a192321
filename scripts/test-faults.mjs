// `npm run test:faults`: the campaign of runner/test/faults; its representative part is in `npm test`.
// As root it runs in a mount namespace of its own: the small disks that it fills are gone when it ends, however it ends.
import './setup/check-node.mjs';
import { spawnSync } from 'node:child_process';
import { setUp, top } from './setup.mjs';

setUp();
const campaign = [
  process.execPath,
  '--import',
  'tsx',
  'runner/test/faults/main.ts',
  ...process.argv.slice(2),
];
const apart = process.getuid?.() === 0 ? ['unshare', '--mount', '--propagation', 'private'] : [];
const [program, ...argv] = [...apart, ...campaign];
const { status } = spawnSync(program, argv, { cwd: top, stdio: 'inherit' });
process.exitCode = status ?? 1;
