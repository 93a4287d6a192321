import { Readable } from 'node:stream';
import { type Command, type ReadCommand } from '../../commands/command.js';
import { type RsyncCommand } from '../../commands/rsync.js';
import { type Finding } from '../../errors/index.js';
import { type CommandResult, type RunOptions } from '../host.js';

/** What rsync reads from stdin: its length is known before it is sent. */
export interface NameList {
  readonly bytes: number;
  /** Anew for each call. */
  open(): Readable;
}

export const nameList = (names: string | Buffer): NameList => {
  const bytes = Buffer.from(names);
  return { bytes: bytes.length, open: () => Readable.from([bytes]) };
};

export interface RouteRunOptions extends Omit<RunOptions, 'stdin'> {
  readonly names?: NameList | undefined;
}

/** For a host whose rsync reads its names from stdin. */
export const withStdin = ({ names, ...options }: RouteRunOptions = {}): RunOptions =>
  names === undefined ? options : { ...options, stdin: names.open() };

/** A way for the client, always the more trusted host, to another for rsync. `tunnel`: through this process. */
export interface Route {
  readonly kind: 'tunnel' | 'direct' | 'local';
  /** Value for rsync's `-e`; undefined when both ends are the same machine (`local`). */
  readonly remoteShell: string | undefined;
  /** What stands before the colon in an rsync address (`deploy@understudy-staging`); '' for `local`. */
  readonly remote: string;
  /** What rsync may send at most; undefined: as much as it can. */
  readonly megabitsPerSecond?: number | undefined;
  /** Runs rsync on the client; its exit code is also the far end's. */
  run(command: RsyncCommand, options?: RouteRunOptions): Promise<CommandResult>;
  /**
   * What a command on the client prints becomes the input of one on the far host, where this process carries the bytes;
   * undefined on other routes.
   */
  readonly carry?: (
    from: ReadCommand,
    to: Command<'write'>,
    options: Pick<RunOptions, 'signal' | 'timeoutSeconds'>,
  ) => Promise<void>;
  /** Bytes that passed through this process because of the route (tunnel), for the report and for tests. */
  bytesCarried(): number;
  close(): Promise<void>;
}

/** One that was opened. */
export interface OpenedRoute extends Route {
  /** Whether what it rests on still stands. */
  isOpen(): boolean;
  /** What keeps it from carrying anything, each with the line to change. */
  prove(): Promise<Finding[]>;
}
