import { Duplex } from 'node:stream';
import { lastLines, UnderstudyError } from '../../errors/index.js';
import { deferred } from '../deferred.js';
import { type RemoteProcess } from './transport.js';

/** stdin and stdout of a relay process as one stream; resolves with the first byte it hands over. */
export async function processStream(process: RemoteProcess, label: string): Promise<Duplex> {
  let stderr = '';
  process.stderr.on('data', (chunk: Buffer) => (stderr = lastLines(stderr + chunk.toString(), 5)));
  const stream = duplexOf(process);
  const connected = await Promise.race([
    readGreeting(process, stream).then(() => true),
    process.ended.then(() => false),
  ]);
  if (connected) return stream;
  stream.destroy();
  throw new UnderstudyError('HOST_UNREACHABLE', `No connection inside ${label}.`, { host: label, stderr });
}

/** The relay tells with one line that it is connected. */
const GREETING = 'ready\n';

/** Takes the greeting off; what follows belongs to the other side. */
async function readGreeting(process: RemoteProcess, stream: Duplex): Promise<void> {
  const greeted = deferred<undefined>();
  let early: Buffer | undefined = Buffer.alloc(0);
  process.stdout.on('data', (chunk: Buffer) => {
    if (stream.destroyed) return;
    let data = chunk;
    if (early !== undefined) {
      early = Buffer.concat([early, chunk]);
      if (early.length < GREETING.length) return;
      data = early.subarray(GREETING.length);
      if (early.subarray(0, GREETING.length).toString() !== GREETING) return;
      early = undefined;
      greeted.resolve(undefined);
    }
    if (data.length > 0 && !stream.push(data)) process.stdout.pause();
  });
  process.stdout.once('end', () => stream.push(null));
  await greeted.promise;
}

/**
 * Not `Duplex.from`: destroyed, that one leaves the process' output unread. Its channel then never closes, and each
 * such stream takes one of the few sessions of the connection for good.
 */
function duplexOf(process: RemoteProcess): Duplex {
  process.stdin.on('error', () => undefined);
  return new Duplex({
    read: () => {
      process.stdout.resume();
    },
    write: (chunk: Buffer, _encoding, done) => {
      process.stdin.write(chunk, (error) => done(error));
    },
    final: (done) => {
      process.stdin.end(() => done());
    },
    destroy: (error, done) => {
      process.stdin.end();
      process.stdout.resume();
      process.close();
      done(error);
    },
  });
}
