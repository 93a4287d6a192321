export interface LeakLocation {
  readonly table: string;
  readonly column: string;
  /** What of the column: its default, its comment. Undefined: its values. */
  readonly part?: string;
  /** The values are those of old rows, too: an ordinary SELECT may not show them. */
  readonly isVersioned?: boolean;
  /** Values with at least one mention, and mentions. */
  values: number;
  mentions: number;
  /** Why it is expected; undefined: it is a leak. */
  readonly reason: string | undefined;
  /** The first mention with what stands around it; '' where values are only counted. */
  readonly sample: string;
}

export interface FoundPlaces {
  readonly unexpected: readonly LeakLocation[];
  readonly expected: readonly LeakLocation[];
}

export class LeakPlaces {
  readonly #places = new Map<string, LeakLocation>();

  add(where: Omit<LeakLocation, 'values' | 'mentions'>, values: number, mentions: number) {
    const key = JSON.stringify([where.table, where.column, where.part, where.reason]);
    const location = this.#places.get(key) ?? { ...where, values: 0, mentions: 0 };
    location.values += values;
    location.mentions += mentions;
    this.#places.set(key, location);
  }

  report(): FoundPlaces {
    const all = [...this.#places.values()].sort((a, b) => b.values - a.values);
    return {
      unexpected: all.filter((location) => location.reason === undefined),
      expected: all.filter((location) => location.reason !== undefined),
    };
  }
}
