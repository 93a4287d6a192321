import * as json from '../../config/schema/shapes.js';

const name = json.text(4096);

/**
 * What reading a side's settings took the last time. It holds names and paths, and no value: what will be asked for most
 * probably is asked for at once, and its answer counts where it is asked for indeed.
 */
export const lastReading = json.record({
  /** Variables of the environment (`e`) and included files (`f`), whatever round asked for them. */
  asked: json.listOf(json.record({ kind: json.oneOf('e', 'f'), name }), { maxItems: 100 }),
  /** What PHP was run with, where the text was not enough. */
  php: json.optional(json.record({ root: name, file: name, folder: name })),
  /** Where the database's server is reached. */
  server: json.optional(
    json.either(
      json.record({ kind: json.constant('tcp'), host: name, port: json.whole(1, 65535) }),
      json.record({ kind: json.constant('socket'), path: name }),
    ),
  ),
});
export type LastReading = json.ShapeOf<typeof lastReading>;

/** What the last reading took, and where this one is noted. */
export interface ReadingMemory {
  readonly last: LastReading | undefined;
  note(reading: LastReading): void;
}
