import { type Duplex, type Readable, type Writable } from 'node:stream';
import { type Command, type ProductionCommand, type ReadCommand } from '../commands/command.js';

/** Whose machine it is. `runner` is the machine that this process runs on (the Jenkins agent). */
export type Side = 'production' | 'staging' | 'archive' | 'runner';

export interface RunOptions {
  /** Fed to the command; without it stdin is empty. */
  readonly stdin?: string | Buffer | Readable;
  /** Each piece of output as it comes (progress); the output is collected all the same unless `stdout` is given. */
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
  /** Where stdout goes instead of into `result.stdout`. */
  readonly stdout?: Writable | undefined;
  /** Where stderr goes instead of into `result.stderr`. */
  readonly stderr?: Writable | undefined;
  /** Exit codes that are no failure; default `[0]`. Any other code throws COMMAND_FAILED. */
  readonly allowedExitCodes?: readonly number[] | 'any';
  /** Ended on the host itself after this many seconds (exit 124/137 → COMMAND_TIMED_OUT). Default 60; 0 is no limit. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal | undefined;
  /** A long job: its pid is kept in `<folder>/jobs/<name>.pid`, so that the next run can end what is left. */
  readonly job?: { readonly name: string; readonly folder: string };
  /** Another command has to end first, or waits for this one: it must not keep that one's place among the sessions. */
  readonly longLived?: boolean;
  /** What the error calls this command; default: the masked command line. */
  readonly label?: string;
}

export interface CommandResult {
  /** Never null: a command that a signal ended counts as 128 + signal, a lost connection throws. */
  readonly code: number;
  readonly stdout: Buffer;
  /** At most the last 64 KiB. */
  readonly stderr: string;
}

export type StreamTarget =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string };

/** A machine that we may look at. */
export interface ReadingHost {
  readonly side: Side;
  /** As a person names it: `production application (deploy@app.acme.net)`. */
  readonly label: string;
  run(command: ReadCommand, options?: RunOptions): Promise<CommandResult>;
  /** A byte stream to a TCP port or a unix socket as seen from this host (SSH forwarding; plain on `local`). */
  openStream(target: StreamTarget): Promise<Duplex>;
  /** Machine id and boot id of the kernel that answers; what the same-target check compares. */
  identity(): Promise<HostIdentity>;
  close(): Promise<void>;
}

export interface HostIdentity {
  /** /etc/machine-id (or the DBus one); '' where there is none. */
  readonly machineId: string;
  /** /proc/sys/kernel/random/boot_id: the same for containers of one machine. */
  readonly bootId: string;
  /** Home folder of the account, absolute. */
  readonly home: string;
  readonly user: string;
}

/** Production in a sync: reading, and three writing verbs limited to its own work folder. */
export interface ProductionHost extends ReadingHost {
  readonly side: 'production';
  /** The only folder that verbs may write to, absolute. */
  readonly workDir: string;
  run(command: ProductionCommand, options?: RunOptions): Promise<CommandResult>;
}

/** A machine that we may change: staging, archive, the runner; production only in a promotion. */
export interface WritingHost extends ReadingHost {
  run(command: Command, options?: RunOptions): Promise<CommandResult>;
  /** The words that run `words` only while the lock counts, for a program that another host starts on this one. */
  underFence?(words: readonly string[]): readonly string[];
}
