import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';

export interface PlainFileOptions {
  readonly maxBytes: number;
  /** The file must lie in this folder when every link is followed (mounted configuration links within its folder). */
  readonly within?: string;
}

/** Bytes of a file of SQL beside a site file. */
export const LARGEST_SCRUB_FILE = 16_000_000;

/** Why a file is not read, as a clause: `it is larger than 1,000,000 bytes`. */
export class PlainFileError extends Error {}

/**
 * The bytes of a small file of the runner's machine. Anyone who may write it is not trusted with our time or memory: a FIFO
 * is not waited for, a device and what is too large are not read.
 * @throws PlainFileError, and the system's own error (ENOENT …)
 */
export async function readPlainFile(file: string, options: PlainFileOptions): Promise<Buffer> {
  if (options.within !== undefined) {
    const [folder, real] = [await realpath(options.within), await realpath(file)];
    if (!real.startsWith(folder + path.sep)) throw new PlainFileError(`it is a link that leads to ${real}`);
  }
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new PlainFileError('it is not a regular file');
    if (found.size > options.maxBytes)
      throw new PlainFileError(`it is larger than ${options.maxBytes.toLocaleString('en')} bytes`);
    // No more than was there a moment ago: it may grow while it is read.
    const buffer = Buffer.alloc(found.size);
    let length = 0;
    for (let read = 1; read > 0 && length < buffer.length; length += read)
      read = (await handle.read(buffer, length, buffer.length - length, length)).bytesRead;
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}
