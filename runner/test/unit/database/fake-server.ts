import { Duplex } from 'node:stream';

/** A payload with the header of the protocol: three bytes of length, the number of the packet. */
function packet(sequence: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, payload]);
}

const GREETING = Buffer.concat([
  Buffer.from([10]),
  Buffer.from('10.11.0-MariaDB\0'),
  Buffer.from([7, 0, 0, 0]),
  Buffer.from('12345678\0'),
  // PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH; utf8; autocommit
  Buffer.from([0x00, 0x82, 33, 2, 0, 0x08, 0x00, 21]),
  Buffer.alloc(10),
  Buffer.from('123456789012\0mysql_native_password\0'),
]);

const ok = (rows: number): Buffer => Buffer.from([0, rows, 0, 2, 0, 0, 0]);

/** The server's end of a connection: what the client sent is kept, and answered when the test says so. */
export class FakeServer {
  /** Texts of the statements that have arrived and are not answered, each with the number of its packet. */
  readonly asked: { readonly sql: string; readonly sequence: number }[] = [];
  #received = Buffer.alloc(0);
  #isLoggedIn = false;

  readonly stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#take();
      done();
    },
  });

  constructor() {
    setImmediate(() => this.stream.push(packet(0, GREETING)));
  }

  /** Answers the oldest statement: this many rows were changed. */
  answer(rows: number): void {
    this.#reply(ok(rows));
  }

  /** Answers the oldest statement with an error. */
  refuse(errno: number, message: string): void {
    const head = Buffer.from([0xff, errno & 255, errno >> 8]);
    this.#reply(Buffer.concat([head, Buffer.from(`#HY000${message}`)]));
  }

  #reply(payload: Buffer): void {
    this.asked.shift();
    this.stream.push(packet(1, payload));
  }

  #take(): void {
    for (;;) {
      const length = this.#received.length < 4 ? Infinity : this.#received.readUIntLE(0, 3);
      if (this.#received.length < length + 4) return;
      const payload = this.#received.subarray(4, length + 4);
      const sequence = this.#received[3] ?? 0;
      this.#received = this.#received.subarray(length + 4);
      if (this.#isLoggedIn) this.asked.push({ sql: payload.toString('latin1', 1), sequence });
      // Not while the client is writing.
      else setImmediate(() => this.stream.push(packet(sequence + 1, ok(0))));
      this.#isLoggedIn = true;
    }
  }
}
