import { Duplex } from 'node:stream';
import { once } from 'node:events';
import { lastLines, UnderstudyError } from '../errors/index.js';
import { type RemoteProcess } from './transport.js';

/** stdin and stdout of a relay process as one stream; resolves with the first byte it hands over. */
export async function processStream(process: RemoteProcess, label: string): Promise<Duplex> {
  let stderr = '';
  process.stderr.on('data', (chunk: Buffer) => (stderr = lastLines(stderr + chunk.toString(), 5)));
  // The relay tells with one line that it is connected; what follows belongs to the other side.
  const first = await Promise.race([once(process.stdout, 'readable'), process.ended]);
  const greeting = 'code' in first ? null : (process.stdout.read(GREETING.length) as Buffer | null);
  if (greeting?.toString() !== GREETING) {
    process.close();
    throw new UnderstudyError('HOST_UNREACHABLE', `No connection inside ${label}.`, { host: label, stderr });
  }
  const stream = Duplex.from({ readable: process.stdout, writable: process.stdin });
  stream.once('close', () => {
    process.close();
  });
  return stream;
}

const GREETING = 'ready\n';
