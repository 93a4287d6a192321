import { Duplex } from 'node:stream';
import { readCommand } from '../commands/command.js';
import { dockerExecWords, dockerInspectWords, isContainerName, relayWords } from '../commands/docker.js';
import { isLoopback } from '../config/addresses.js';
import { UnderstudyError, lastLines } from '../errors/index.js';
import { type ProductionHost, type ReadingHost, type StreamTarget, type WritingHost } from './host.js';
import { createIdentityReader } from './identity.js';
import { restrictToReading } from './guard/production-host.js';
import { runCommand } from './process/run-command.js';
import { registerTransport, transportOf, type Transport, type RemoteProcess } from './process/transport.js';
import { deferred } from './deferred.js';

/**
 * The inside of a container as a host: every command runs through `docker exec -i`.
 * Time limits and aborts act on the process inside, because ending `docker exec` does not end it.
 * Closing it leaves the connection of `inner` open. Production stays restricted to reading.
 * @param user account inside, by name or as `uid:gid`; default: the image's own
 */
export function dockerHost(inner: WritingHost, container: string, user?: string): WritingHost;
export function dockerHost(inner: ProductionHost, container: string, user?: string): ProductionHost;
export function dockerHost(
  inner: WritingHost | ProductionHost,
  container: string,
  user?: string,
): WritingHost | ProductionHost {
  if (!isContainerName(container))
    throw new UnderstudyError('CONFIG_INVALID', `${JSON.stringify(container)} is not a container name.`);
  const transport = insideOf(inner, container, user);
  const run: WritingHost['run'] = (command, options) => runCommand(transport, command, options);
  const host: WritingHost = {
    side: inner.side,
    label: transport.label,
    run,
    openStream: (target) => openInside(inner, transport, container, target),
    identity: createIdentityReader(run),
    close: async () => undefined,
  };
  registerTransport(host, transport);
  return 'workDir' in inner ? restrictToReading(host, inner.workDir) : host;
}

function insideOf(inner: ReadingHost, container: string, user?: string): Transport {
  const outside = transportOf(inner);
  return {
    label: `container ${container} on ${inner.label}`,
    start: (words, options) => outside.start(dockerExecWords(container, words, user), options),
  };
}

/** A stream to what the container itself would reach under this address: its own port or socket, or another server's. */
export const openStreamInContainer = (
  inner: ReadingHost,
  container: string,
  target: StreamTarget,
): Promise<Duplex> => openInside(inner, insideOf(inner, container), container, target);

/** A port is reached at the container's address; what listens on loopback or a socket alone through a relay inside. */
async function openInside(
  inner: ReadingHost,
  transport: Transport,
  container: string,
  target: StreamTarget,
): Promise<Duplex> {
  if (target.kind === 'tcp' && isLoopback(target.host)) {
    for (const host of await containerAddresses(inner, container)) {
      const stream = await inner.openStream({ ...target, host }).catch(() => undefined);
      if (stream) return stream;
    }
  }
  return processStream(await transport.start(relayWords(target), { longLived: true }), transport.label);
}

async function containerAddresses(inner: ReadingHost, container: string): Promise<string[]> {
  const { stdout } = await inner.run(readCommand(...dockerInspectWords(container)));
  const [network = '', ...addresses] = stdout.toString().trim().split(/\s+/);
  return network === 'host' ? ['127.0.0.1'] : addresses;
}

/** stdin and stdout of a relay process as one stream; resolves with the first byte it hands over. */
async function processStream(process: RemoteProcess, label: string): Promise<Duplex> {
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

/** Not `Duplex.from`: destroyed, it leaves output unread, so that the channel never closes and its session is lost. */
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
