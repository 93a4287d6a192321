import { close, open, read, writev } from 'node:fs';
import { promisify } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { UnderstudyError } from '../../errors/index.js';
import { HELD_BYTES } from '../../rewrite/index.js';

const CHUNK_BYTES = 1 << 20;
const openFile = promisify(open);
const closeFile = promisify(close);

/**
 * Gives a file (`-` is stdin) to `work` chunk by chunk and writes what comes back to stdout: while one chunk is worked
 * on, the next is read and the one before is written.
 * @param work gets memory that is used again; {@link HELD_BYTES} before it are free
 * @param end gives what is left when the file is at its end
 * @throws UnderstudyError USAGE, REWRITE_STREAM_BROKEN
 */
export async function streamThrough(
  file: string,
  work: (chunk: Buffer) => Iterable<Buffer>,
  end: () => Iterable<Buffer> = () => [],
): Promise<void> {
  const input = await openInput(file);
  try {
    let writing = Promise.resolve();
    for await (const chunk of chunksOf(input)) {
      const parts = work(chunk);
      await writing;
      writing = writeAll(parts);
      writing.catch(() => undefined);
    }
    await writing;
    await writeAll(end());
  } catch (error) {
    throw streamProblem(error, file);
  } finally {
    if (input !== 0) await closeFile(input);
  }
}

async function openInput(file: string): Promise<number> {
  if (file === '-') return 0;
  try {
    return await openFile(file, 'r');
  } catch (cause) {
    throw new UnderstudyError('USAGE', `The dump ${file} cannot be opened.`, { cause });
  }
}

/** A reader that went away, a full disk or a folder in place of a dump are no bugs. */
function streamProblem(error: unknown, file: string): unknown {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  if (error instanceof UnderstudyError || code === '') return error;
  if (code === 'EISDIR') return new UnderstudyError('USAGE', `${file} is a folder, not a dump.`);
  const what =
    code === 'EPIPE'
      ? 'The output pipe was closed.'
      : `${syscall === 'read' ? `${file} cannot be read` : 'The result cannot be written'}: ${code}.`;
  return new UnderstudyError('REWRITE_STREAM_BROKEN', what, { cause: error });
}

/**
 * Reads one chunk ahead. Plain reads instead of a stream: they keep memory flat, because a chunk's memory is used
 * again once it was worked on and written. Before each chunk {@link HELD_BYTES} are free.
 */
async function* chunksOf(input: number): AsyncGenerator<Buffer> {
  const buffers = [1, 2, 3].map(() => Buffer.allocUnsafe(HELD_BYTES + CHUNK_BYTES).subarray(HELD_BYTES));
  let turn = 0;
  let next = fill(input, buffers[turn] as Buffer);
  for (;;) {
    const chunk = await next;
    if (chunk.length === 0) return;
    turn = (turn + 1) % buffers.length;
    next = fill(input, buffers[turn] as Buffer);
    next.catch(() => undefined);
    yield chunk;
  }
}

/** Reads until the buffer is full or the input ends: a pipe gives few bytes at a time. */
async function fill(input: number, buffer: Buffer): Promise<Buffer> {
  for (let filled = 0; filled < buffer.length;) {
    const count = await attempt<number>((done) => {
      read(input, buffer, filled, buffer.length - filled, null, done);
    });
    if (count === 0) return buffer.subarray(0, filled);
    filled += count;
  }
  return buffer;
}

async function writeAll(parts: Iterable<Buffer>): Promise<void> {
  let waiting: Buffer[] = [];
  let size = 0;
  for (const part of parts) {
    waiting.push(part);
    size += part.length;
    if (size < CHUNK_BYTES) continue;
    await writeTogether(waiting, size);
    [waiting, size] = [[], 0];
  }
  await writeTogether(waiting, size);
}

async function writeTogether(parts: Buffer[], size: number): Promise<void> {
  for (let left = size; left > 0;) {
    const written = await attempt<number>((done) => {
      writev(1, parts, done);
    });
    left -= written;
    dropWritten(parts, written);
  }
}

/** Takes the first `count` bytes away. */
function dropWritten(parts: Buffer[], count: number): void {
  let left = count;
  while (left > 0) {
    const first = parts[0] as Buffer;
    if (first.length > left) {
      parts[0] = first.subarray(left);
      return;
    }
    left -= first.length;
    parts.shift();
  }
}

/** Does what `start` starts; again, when the descriptor is one that does not wait and has nothing to give or no room. */
async function attempt<Result>(
  start: (done: (error: NodeJS.ErrnoException | null, result: Result) => void) => void,
): Promise<Result> {
  for (;;) {
    try {
      return await new Promise<Result>((resolve, reject) => {
        start((error, result) => {
          if (error === null) resolve(result);
          else reject(error);
        });
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EWOULDBLOCK') throw error;
      await wait(2);
    }
  }
}
