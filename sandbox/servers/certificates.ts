import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Writes `ca.pem`, an authority of nobody else, and by it `site.pem` with `site.key` for these names. */
export async function makeCertificates(folder: string, names: readonly [string, ...string[]]): Promise<void> {
  const openssl = (...words: string[]): Promise<unknown> => run('openssl', words, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Acme private CA'];
  await openssl('req', '-x509', ...key, ...authority);
  await openssl('req', ...key, '-keyout', 'site.key', '-out', 'site.csr', '-subj', `/CN=${names[0]}`);
  const alternatives = names.map((name) => `DNS:${name}`).join(',');
  await writeFile(path.join(folder, 'site.ext'), `subjectAltName=${alternatives}\n`);
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'site.ext'];
  await openssl('x509', '-req', '-in', 'site.csr', ...sign, '-out', 'site.pem');
}
