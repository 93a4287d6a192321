import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { packages } from './packages.mjs';

/** Installs what is missing. Returns what it did in words, or '' when there was nothing to do. */
export function installDebianPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return '';
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Error(
      `This machine has no apt-get. Install what provides these Debian packages: ${missing.join(' ')}`,
    );
  }
  const administrator = becomeRoot();
  if (administrator === undefined) {
    throw new Error(`These packages are missing, and only root can install them. Run:\n  sudo ${line}`);
  }
  console.log(`setup: installing Debian packages: ${missing.join(' ')}`);
  const [program, ...words] = [...administrator, ...install, ...missing];
  const result = spawnSync(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256_000_000,
  });
  const left = missingPackages();
  if (result.status !== 0 || left.length > 0) {
    const output = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-25).join('\n');
    throw new Error(
      `apt-get could not install ${left.join(' ')}:\n${output}\nRun it yourself:\n  sudo ${line}`,
    );
  }
  return `installed ${missing.length} Debian packages`;
}

/**
 * Packages start their servers when they are installed; policy-rc.d is how Debian is told not to.
 * One that is already there is left alone.
 */
const script = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q || true
apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@"
`;
const install = ['sh', '-c', script, 'setup'];

function missingPackages() {
  const names = packages
    .filter(({ command }) => command === undefined || !onPath(command))
    .map(({ name }) => name);
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\\n', ...names], {
    encoding: 'utf8',
  });
  if (query.error) return names;
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length)),
  );
  return names.filter((name) => !installed.has(name));
}

/** Words to put before a command so that root runs it; undefined where that cannot be without asking. */
function becomeRoot() {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

function onPath(command) {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(path.join(folder, command), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
