import { type ReadCommand, type Command } from '../../commands/command.js';
import { type CommandResult, type RunOptions } from '../host.js';

/** A way for the client, always the more trusted host, to reach another with rsync over ssh: `tunnel` or `direct`. */
export interface Route {
  readonly kind: 'tunnel' | 'direct' | 'local';
  /** Value for rsync's `-e`; undefined when both ends are the same machine (`local`). */
  readonly remoteShell: string | undefined;
  /** What stands before the colon in an rsync address (`deploy@understudy-staging`); '' for `local`. */
  readonly remote: string;
  /** What rsync may send at most; undefined: as much as it can. */
  readonly megabitsPerSecond?: number | undefined;
  /** Runs a command on the client with the route attached (forwarded agent, reverse forward). */
  run(command: ReadCommand | Command, options?: RunOptions): Promise<CommandResult>;
  /** Bytes that passed through this process because of the route (tunnel), for the report and for tests. */
  bytesCarried(): number;
  close(): Promise<void>;
}
