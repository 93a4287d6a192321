// Makes this machine ready for the tests, the demo and the benchmarks: Debian packages and npm packages.
// `node scripts/setup.mjs` says what it does; where everything is there it does nothing.
import './setup/check-node.mjs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installDebianPackages } from './setup/debian.mjs';
import { installNodeModules } from './setup/node-modules.mjs';

export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Ends the process with exit code 2 and the reason when this machine cannot be made ready. */
export function setUp() {
  try {
    const done = [installDebianPackages(), installNodeModules(top)].filter((text) => text !== '');
    if (done.length > 0) console.log(`setup: ${done.join(', ')}`);
    return done;
  } catch (error) {
    console.error(`setup: ${error.message}`);
    process.exit(2);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href && setUp().length === 0) {
  console.log('setup: everything is there');
}
