import { describe, expect, test } from '@jest/globals';
import { dockerExecWords } from '../../../src/commands/docker.js';
import { remoteShellWords, rsyncShell } from '../../../src/commands/remote-shell.js';
import { remoteLine, supervised } from '../../../src/commands/ssh.js';
import { isInside } from '../../../src/hosts/guard/production-host.js';
import { opensshVersion } from '../../../src/hosts/route/route-client.js';

const shell = {
  host: '127.0.0.1',
  port: 40022,
  alias: 'understudy-staging',
  hostKey: { type: 'ssh-ed25519', base64: 'AAAA' },
};

test('the remote shell, with the host key in its options', () => {
  expect(rsyncShell(remoteShellWords(shell))).toBe(
    'ssh -F /dev/null -p 40022 -c aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr ' +
      '-o HostName=127.0.0.1 -o HostKeyAlias=understudy-staging -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null ' +
      "-o 'KnownHostsCommand=/bin/echo understudy-staging ssh-ed25519 AAAA' -o StrictHostKeyChecking=yes -o HostKeyAlgorithms=ssh-ed25519 " +
      '-o CheckHostIP=no -o BatchMode=yes -o IdentityFile=none -o PreferredAuthentications=publickey -o ForwardAgent=no ' +
      '-o ClearAllForwardings=yes -o ControlPath=none -o Compression=no -o ConnectTimeout=30 -o ServerAliveInterval=15 ' +
      '-o ServerAliveCountMax=4 -o LogLevel=ERROR',
  );
});
test('the remote shell, with the host key in a file', () => {
  const words = remoteShellWords({ ...shell, knownHostsFile: '/home/x/known_hosts.1' });
  expect(words).toContain('UserKnownHostsFile=/home/x/known_hosts.1');
  expect(words.join(' ')).not.toContain('KnownHostsCommand');
});
test('RSA host keys are asked for with SHA-2', () => {
  const words = remoteShellWords({ ...shell, hostKey: { type: 'ssh-rsa', base64: 'AAAA' } });
  expect(words).toContain('HostKeyAlgorithms=rsa-sha2-512,rsa-sha2-256');
});
test('rsync knows no way to quote a quote', () => {
  expect(() => rsyncShell(["it's"])).toThrow('quote');
});

test('docker exec', () => {
  expect(dockerExecWords('acme_web.1', ['sh', '-c', 'true'])).toEqual([
    'docker',
    'exec',
    '-i',
    'acme_web.1',
    'sh',
    '-c',
    'true',
  ]);
});
test.each([['-v'], ['a b'], [''], ['a/b'], ['$(x)']])('%j is no container', (name) => {
  expect(() => dockerExecWords(name, [])).toThrow('not a container name');
});

test('supervision puts the words last and rounds seconds up', () => {
  const words = supervised(['echo', 'a b'], { timeoutSeconds: 1.2, pidFile: '', mark: 'understudy-1' });
  expect(words.slice(0, 2)).toEqual(['sh', '-c']);
  expect(words.slice(4, 7)).toEqual(['2', '', 'understudy-1']);
  expect(words.slice(-2)).toEqual(['echo', 'a b']);
});
test('the remote line is one line, in which every shell reads the same words', () => {
  const line = remoteLine(['printf', '%s', "it's\n\\done!"], 'mark');
  expect(line).toMatch(
    /^exec sh -c '[^\n]*' understudy mark '@n@' printf '%s' 'it'"'"'s@n@'\\\\'done'\\!''$/,
  );
});
test('what stands for a line break is in none of the words', () => {
  expect(remoteLine(['echo', 'a\nb@n@'], 'mark')).toMatch(/ '@@n@' echo 'a@@n@b@n@'$/);
});

describe('inside the work folder, by spelling', () => {
  test.each([
    ['/home/d/.understudy/acme', true],
    ['/home/d/.understudy/acme/run/backup', true],
    ['/home/d/.understudy/acmex', false],
    ['/home/d/.understudy/acme/../x', false],
    ['/home/d/.understudy/acme/./x', false],
    ['/home/d/.understudy', false],
    ['home/d/.understudy/acme', false],
    ['', false],
  ])('%s: %s', (candidate, expected) => {
    expect(isInside('/home/d/.understudy/acme', candidate)).toBe(expected);
  });
});

test.each([
  ['OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19', 902],
  ['OpenSSH_8.10p1', 810],
  ['OpenSSH_for_Windows_8.1p1', 0],
  ['Dropbear v2022.83', 0],
])('%s: %d', (text, version) => {
  expect(opensshVersion(text)).toBe(version);
});
