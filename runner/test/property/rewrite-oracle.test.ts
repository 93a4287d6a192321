import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRewriter, deriveSitePairs, isValidSerialized } from '../../src/rewrite/index.js';

/** PHP as the oracle: it builds each value with the old and with the new host. */
class Oracle {
  readonly #php: ChildProcessWithoutNullStreams;
  #received: Buffer[] = [];

  constructor() {
    const script = new URL('rewrite-oracle.php', import.meta.url).pathname;
    this.#php = spawn('php', ['-d', 'error_reporting=0', '-d', 'display_errors=0', script]);
  }

  async pairs(first: number, count: number, oldHost: string, newHost: string): Promise<[Buffer, Buffer][]> {
    this.#received = [];
    const answer = new Promise<Buffer>((resolve, reject) => {
      const listen = (chunk: Buffer): void => {
        this.#received.push(chunk);
        if (!chunk.subarray(-5).equals(Buffer.from('done\n'))) return;
        this.#php.stdout.off('data', listen);
        resolve(Buffer.concat(this.#received));
      };
      this.#php.stdout.on('data', listen);
      this.#php.once('error', reject);
      this.#php.once('exit', () => {
        reject(new Error('php ended'));
      });
    });
    this.#php.stdin.write(`${String(first)} ${String(count)} ${oldHost} ${newHost}\n`);
    return split(await answer);
  }

  stop(): void {
    this.#php.removeAllListeners('exit');
    this.#php.kill();
  }
}

function split(bytes: Buffer): [Buffer, Buffer][] {
  const found: [Buffer, Buffer][] = [];
  for (let at = 0; ;) {
    const line = bytes.toString('latin1', at, bytes.indexOf(10, at));
    if (line === 'done') return found;
    const [a = 0, b = 0] = line.split(' ').map(Number);
    at += line.length + 1;
    found.push([bytes.subarray(at, at + a), bytes.subarray(at + a, at + a + b)]);
    at += a + b;
  }
}

describe('PHP builds a value with both URLs', () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = new Oracle();
  });
  afterAll(() => {
    oracle.stop();
  });

  test.each([
    ['longer', 'www.acme.com', 'staging-server.acme.example'],
    ['shorter', 'www.acme.com', 'x.io'],
    ['contains the old one', 'acme.com', 'staging.acme.com'],
  ])('a new host that is %s: the rewriter turns one into the other', async (_case, oldHost, newHost) => {
    const rewriter = createRewriter(deriveSitePairs(`https://${oldHost}`, `https://${newHost}`));
    let changed = 0;
    for (let batch = 0; batch < 4; batch++)
      for (const [before, after] of await oracle.pairs(batch * 1000 + 1, 1000, oldHost, newHost)) {
        const result = rewriter.rewrite(before);
        if (!result.equals(after)) expect(result.toString('latin1')).toBe(after.toString('latin1'));
        if (!isValidSerialized(result)) throw new Error(`not valid: ${result.toString('latin1')}`);
        if (rewriter.rewrite(result) !== result)
          throw new Error(`changed twice: ${result.toString('latin1')}`);
        if (result !== before) changed++;
      }
    expect(changed).toBeGreaterThan(1500);
    expect(rewriter.counts.opaque + rewriter.counts.keys).toBe(0);
  });
});
