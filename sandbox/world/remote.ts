import { spawn } from 'node:child_process';
import { type WorldHost } from './hosts.js';

/** Runs shell text on a host of the world with the plain ssh client, as a person would; throws when it fails. */
export function onHost(host: WorldHost, keyFile: string, text: string, stdin = ''): Promise<string> {
  const options = ['-F', 'none', '-i', keyFile, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'];
  const trust = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ];
  return new Promise((resolve, reject) => {
    const client = spawn('ssh', [...options, ...trust, '-p', String(host.port), host.address, text], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let [output, errors] = ['', ''];
    client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    client.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    client.stdin.on('error', () => undefined);
    client.once('error', reject);
    client.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${host.name}: ${errors.trim() || `exit code ${code}`}`));
    });
    client.stdin.end(stdin);
  });
}
