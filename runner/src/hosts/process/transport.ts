import { type Readable, type Writable } from 'node:stream';
import { type ReadingHost } from '../host.js';

export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process has ended and its output was read, or when the connection is gone. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Lets go of it. Does not end the process on the host. */
  close(): void;
}

export interface ProcessEnd {
  readonly code: number | null;
  /** `SIGTERM` … */
  readonly signal: string | null;
  /** Why the connection ended, when it did before the process. */
  readonly lost?: Error | undefined;
  /** What the login shell printed, where it ended without starting the command. */
  readonly shellSaid?: string;
}

export interface StartOptions {
  /** Over a new connection, because the usual one may be dead. */
  readonly fresh?: boolean;
  /** Does not queue behind other sessions: it is to end one of them. */
  readonly urgent?: boolean;
  /** Stays open for as long as its user likes: others do not wait for its end. */
  readonly longLived?: boolean;
  /** Gives up waiting for a session or a connection. */
  readonly signal?: AbortSignal | undefined;
}

/** Starts processes on one host: over SSH, on this machine, or in a container of another transport. */
export interface Transport {
  readonly label: string;
  start(words: readonly string[], options?: StartOptions): Promise<RemoteProcess>;
}

const transports = new WeakMap<ReadingHost, Transport>();

/** Remembers what a host runs its commands through, for what is built on top of hosts in this folder. */
export function registerTransport<H extends ReadingHost>(host: H, transport: Transport): H {
  transports.set(host, transport);
  return host;
}

/** The same for a host that wraps another one. A stand-in of a test has none, and then neither has the wrapper. */
export function shareTransport<H extends ReadingHost>(wrapper: H, host: ReadingHost): H {
  const transport = transports.get(host);
  return transport ? registerTransport(wrapper, transport) : wrapper;
}

/** @throws TypeError for a host that was not made in this folder (a stand-in of a test). */
export function transportOf(host: ReadingHost): Transport {
  const transport = transports.get(host);
  if (!transport) throw new TypeError(`${host.label} has no transport`);
  return transport;
}
