import { type Occurrence } from './classify.js';

export interface LeakPlace {
  readonly table: string;
  readonly column: string;
  /** What of the column: its default, its comment. Undefined: its values. */
  readonly part?: string;
  /** Values with at least one mention, and mentions. */
  values: number;
  mentions: number;
  /** Why it is expected; undefined: it is a leak. */
  readonly reason: string | undefined;
  /** The first mention with what stands around it; '' where values are only counted. */
  readonly sample: string;
}

export interface FoundPlaces {
  readonly unexpected: readonly LeakPlace[];
  readonly expected: readonly LeakPlace[];
  /** Mentions that are no links to production, by reason. */
  readonly harmless: Readonly<Record<string, number>>;
}

/** Where production is named, summed up by column and reason. */
export class LeakPlaces {
  readonly #places = new Map<string, LeakPlace>();
  readonly #harmless: Record<string, number> = {};

  /** @returns the mentions that are links to production; counts the others */
  judge(occurrences: readonly Occurrence[]): Occurrence[] {
    for (const { harmless } of occurrences)
      if (harmless !== undefined) this.#harmless[harmless] = (this.#harmless[harmless] ?? 0) + 1;
    return occurrences.filter((one) => one.harmless === undefined);
  }

  add(where: Omit<LeakPlace, 'values' | 'mentions'>, values: number, mentions: number) {
    const key = JSON.stringify([where.table, where.column, where.part, where.reason]);
    const place = this.#places.get(key) ?? { ...where, values: 0, mentions: 0 };
    place.values += values;
    place.mentions += mentions;
    this.#places.set(key, place);
  }

  report(): FoundPlaces {
    const all = [...this.#places.values()].sort((a, b) => b.values - a.values);
    return {
      unexpected: all.filter((place) => place.reason === undefined),
      expected: all.filter((place) => place.reason !== undefined),
      harmless: this.#harmless,
    };
  }
}
