import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { connectLocally } from '../../../src/hosts/local-host.js';
import { localTunnel, type Tunnel } from '../../../src/hosts/route/tunnel.js';

const MB = 1024 * 1024;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A tunnel to a server that does with a connection what it is told, and a connection into it. */
async function throughTunnel(serve: (socket: Socket) => void): Promise<{ tunnel: Tunnel; source: Socket }> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const tunnel = await localTunnel(() => connectLocally('test', { kind: 'tcp', host: '127.0.0.1', port }));
  closing.push(() => tunnel.close());
  const source = createConnection(tunnel.port, '127.0.0.1');
  closing.push(() => source.destroy());
  await once(source, 'connect');
  return { tunnel, source };
}

test('what was carried does not lie about: Buffers stay small whatever goes through', async () => {
  const before = process.memoryUsage().arrayBuffers;
  let [most, received] = [0, 0];
  const { source } = await throughTunnel((socket) => {
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    });
  });
  const block = Buffer.alloc(MB);
  for (let sent = 0; sent < 128; sent += 1) if (!source.write(block)) await once(source, 'drain');
  while (received < 128 * MB) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(most).toBeLessThan(20 * MB);
});

test('a target that does not read makes the source wait', async () => {
  const { tunnel, source } = await throughTunnel((socket) => socket.pause());
  const block = Buffer.alloc(MB);
  let drained = true;
  for (let sent = 0; sent < 64 && drained; sent += 1)
    drained =
      source.write(block) ||
      (await Promise.race([
        once(source, 'drain').then(() => true),
        new Promise<false>((resolve) => setTimeout(() => resolve(false), 500)),
      ]));
  expect(tunnel.bytesCarried()).toBeLessThan(32 * MB);
});
