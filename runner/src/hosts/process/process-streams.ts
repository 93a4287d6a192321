import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type RunOptions } from '../host.js';
import { type RemoteProcess } from './transport.js';

const KEPT_STDERR = 64 * 1024;
/** What is collected in memory; longer output must go to `options.stdout`. */
const MOST_STDOUT = 256 * 1024 * 1024;

/** Writes a command's input. A command that stops reading early is no error; a source that breaks off is. */
export async function feedStdin(
  stdin: Writable,
  source: RunOptions['stdin'],
  ended: Promise<unknown>,
): Promise<void> {
  if (source === undefined || typeof source === 'string' || Buffer.isBuffer(source)) {
    stdin.on('error', () => undefined);
    stdin.end(source ?? '');
    return;
  }
  await Promise.race([pipeSource(source, stdin), ended]);
}

async function pipeSource(source: Readable, stdin: Writable): Promise<void> {
  let [sourceBroke, commandClosed] = [false, false];
  // Whatever breaks takes the other along, so what counts is which was first.
  const closed = (): void => void (commandClosed = true);
  stdin.once('close', closed).once('error', closed);
  source.once('error', () => {
    sourceBroke ||= !commandClosed;
  });
  source.once('close', () => {
    if (!source.readableEnded && stdin.writable) sourceBroke ||= !commandClosed;
  });
  try {
    await pipeline(source, stdin);
  } catch (error) {
    // Otherwise the command closed its input: its exit code tells whether that was right.
    if (sourceBroke) throw error;
  }
}

/** Every chunk until the stream ends or its connection is gone; rejects with what `onChunk` throws. */
function eachChunk(stream: Readable, onChunk: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      try {
        onChunk(chunk);
      } catch (error) {
        reject(error as Error);
      }
    });
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.once('error', reject);
  });
}

export class OutputCollector {
  readonly #options: RunOptions;
  readonly #marks: StderrMarks;
  readonly #stdout: Buffer[] = [];
  #stdoutBytes = 0;
  #stderr: Buffer[] = [];
  #stderrBytes = 0;

  constructor(mark: string, options: RunOptions, onMark: (line: string) => void) {
    this.#options = options;
    this.#marks = new StderrMarks(mark, onMark);
  }

  async read(process: RemoteProcess): Promise<void> {
    await Promise.all([this.#readStdout(process.stdout), this.#readStderr(process.stderr)]);
  }

  stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  stderr(): string {
    return Buffer.concat(this.#stderr).subarray(-KEPT_STDERR).toString();
  }

  async #readStdout(stdout: Readable): Promise<void> {
    const { onStdout, stdout: target } = this.#options;
    if (target) {
      if (onStdout) stdout.on('data', onStdout);
      await pipeline(stdout, target);
      return;
    }
    await eachChunk(stdout, (chunk) => {
      onStdout?.(chunk);
      this.#stdoutBytes += chunk.length;
      if (this.#stdoutBytes > MOST_STDOUT) throw new Error('it printed more than 256 MiB');
      this.#stdout.push(chunk);
    });
  }

  async #readStderr(stderr: Readable): Promise<void> {
    if (this.#options.stderr) {
      await pipeline(stderr, this.#withoutMarks(), this.#options.stderr);
      return;
    }
    await eachChunk(stderr, (chunk) => {
      this.#keepStderr(this.#marks.push(chunk));
    });
    this.#keepStderr(this.#marks.flush());
  }

  #withoutMarks(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        done(null, this.#marks.push(chunk));
      },
      flush: (done) => {
        done(null, this.#marks.flush());
      },
    });
  }

  #keepStderr(own: Buffer): void {
    if (own.length === 0) return;
    this.#options.onStderr?.(own);
    this.#stderr.push(own);
    this.#stderrBytes += own.length;
    if (this.#stderrBytes > 4 * KEPT_STDERR) {
      const kept = Buffer.concat(this.#stderr).subarray(-KEPT_STDERR);
      this.#stderr = [Buffer.from(kept)];
      this.#stderrBytes = kept.length;
    }
  }
}

/** Takes our supervisor's lines out of stderr. Bytes are held back only while they may be the beginning of one. */
export class StderrMarks {
  readonly #mark: Buffer;
  readonly #onMark: (text: string) => void;
  #held: Buffer = Buffer.alloc(0);

  /** @param onMark gets the words after the mark: `pid 123 456789` or `timeout`. */
  constructor(mark: string, onMark: (text: string) => void) {
    this.#mark = Buffer.from(`${mark} `);
    this.#onMark = onMark;
  }

  /** What of `chunk` (and of what was held back) is the command's own. */
  push(chunk: Buffer): Buffer {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const own: Buffer[] = [];
    for (;;) {
      const at = rest.indexOf(this.#mark);
      if (at < 0) break;
      const end = rest.indexOf(0x0a, at);
      own.push(rest.subarray(0, at));
      if (end < 0) {
        this.#held = rest.subarray(at);
        return Buffer.concat(own);
      }
      this.#onMark(rest.toString('utf8', at + this.#mark.length, end));
      rest = rest.subarray(end + 1);
    }
    const keep = this.#startOfMark(rest);
    own.push(rest.subarray(0, rest.length - keep));
    this.#held = rest.subarray(rest.length - keep);
    return own.length === 1 && own[0] ? own[0] : Buffer.concat(own);
  }

  /** What is left at the end of the stream. */
  flush(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  #startOfMark(bytes: Buffer): number {
    for (let length = Math.min(bytes.length, this.#mark.length - 1); length > 0; length -= 1)
      if (bytes.subarray(bytes.length - length).equals(this.#mark.subarray(0, length))) return length;
    return 0;
  }
}
