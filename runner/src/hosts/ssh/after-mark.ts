import { Transform, type TransformCallback } from 'node:stream';

/** How much of what comes before the mark is kept, to be quoted. */
const KEPT = 4096;

/** Hands on what comes after the first `mark`; what comes before it was printed by the login shell. */
export class AfterMark extends Transform {
  readonly #mark: Buffer;
  #before: Buffer = Buffer.alloc(0);
  #seen = false;

  constructor(mark: string) {
    super();
    this.#mark = Buffer.from(mark);
  }

  get seen(): boolean {
    return this.#seen;
  }

  /** What came before the mark, without white space around it. */
  get noise(): string {
    return this.#before.toString().trim();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#seen) {
      done(null, chunk);
      return;
    }
    const all = Buffer.concat([this.#before, chunk]);
    const at = all.indexOf(this.#mark);
    this.#seen = at >= 0;
    this.#before = Buffer.from(this.#seen ? all.subarray(Math.max(0, at - KEPT), at) : all.subarray(-KEPT));
    const after = this.#seen ? all.subarray(at + this.#mark.length) : undefined;
    if (after === undefined || after.length === 0) done();
    else done(null, after);
  }
}
