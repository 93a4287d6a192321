import { type Readable, type Writable } from 'node:stream';

/** A process on a host, as streams. */
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
  readonly lost?: Error;
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
  readonly signal?: AbortSignal;
}

/** Starts processes on one host: over SSH, on this machine, or in a container of another transport. */
export interface Transport {
  readonly label: string;
  start(words: readonly string[], options?: StartOptions): Promise<RemoteProcess>;
}
