import { type PassThrough, Writable } from 'node:stream';
import { lastLines } from '../../errors/index.js';

/** Passes bytes on, and forgets them when nobody reads any more: a program that ended early says why by its exit code. */
export class Joint extends Writable {
  /** @param ready nothing is passed on before it resolves */
  constructor(
    private readonly out: PassThrough,
    private readonly count: (bytes: number) => void,
    private readonly ready: Promise<unknown> = Promise.resolve(),
  ) {
    super();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const pass = (): void => {
      this.count(chunk.length);
      passOn(this.out, chunk, done);
    };
    this.ready.then(pass, done);
  }

  override _final(done: () => void): void {
    const end = (): void => {
      this.out.end();
      done();
    };
    this.ready.then(end, end);
  }
}

function passOn(out: Writable, chunk: Buffer, done: () => void): void {
  if (!out.writable || out.write(chunk)) {
    done();
    return;
  }
  const go = (): void => {
    out.off('drain', go).off('close', go);
    done();
  };
  out.once('drain', go).once('close', go);
}

/** Kept of complaints, in bytes; all of them are handed on as they come. */
const KEPT = 64 * 1024;

/** Takes apart what the client's session prints beside the protocol: rsync's output, a line with the mark, complaints. */
export class ClientOutput extends Writable {
  onComplaint: ((chunk: Buffer) => void) | undefined;
  readonly #mark: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #kept = '';
  #seen = false;

  /**
   * @param output where rsync's output goes
   * @param onMark the client's rsync has ended
   */
  constructor(
    mark: string,
    private readonly output: Writable | undefined,
    private readonly onMark: () => void,
  ) {
    super();
    this.#mark = Buffer.from(`\n${mark}\n`);
  }

  /** At most the last 64 KiB. Where no mark came, what was said last. */
  get complaints(): string {
    return this.#kept.trim();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#seen) {
      this.#complain(chunk);
      done();
      return;
    }
    const bytes = Buffer.concat([this.#held, chunk]);
    const at = bytes.indexOf(this.#mark);
    const end = at < 0 ? Math.max(0, bytes.length - this.#mark.length) : at;
    this.#held = bytes.subarray(end);
    if (at >= 0) {
      this.#seen = true;
      this.#kept = '';
      this.onMark();
      this.#complain(bytes.subarray(at + this.#mark.length));
    } else this.#kept = lastLines(bytes.toString('latin1'), 5);
    this.#passOn(bytes.subarray(0, end), done);
  }

  override _final(done: () => void): void {
    this.#passOn(this.#seen ? Buffer.alloc(0) : this.#held, () => {
      if (this.output === undefined) done();
      else this.output.end(done);
    });
  }

  #complain(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.onComplaint?.(chunk);
    this.#kept = (this.#kept + chunk.toString()).slice(-KEPT);
  }

  #passOn(chunk: Buffer, done: () => void): void {
    if (this.output === undefined || chunk.length === 0) done();
    else passOn(this.output, chunk, done);
  }
}
