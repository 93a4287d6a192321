import { type CompiledPairs } from './compile-pairs.js';
import { type RewriteCounts, type RawWindow } from './contract.js';
import { EditList } from './edit-list.js';
import { EncodedText } from './encoding/encoded-text.js';
import { HitMatcher } from './match/hit-matcher.js';
import { type NeedleScanner } from './match/needle-scanner.js';
import { BACKSLASH, COLON, Neighbour, PERCENT } from './match/neighbours.js';

const PLUS = 0x2b;
/** The matcher looks less far than this to the left of what it accepts, and to the right of the needle. */
const MARGIN_BEFORE = 40;
const MARGIN_AFTER = 24;
/** Longer ways of writing one character behind a host are left to the whole text. */
const MAX_ESCAPE = 12;

/** Decodes only the surroundings of hits. Gives up, uncounted, where it cannot tell what the text would become. */
export class PlainTextPass {
  /** Offsets of the raw bytes; good until the next run. */
  readonly edits = new EditList();
  readonly #pairs: CompiledPairs;
  readonly #scanner: NeedleScanner;
  readonly #counts: RewriteCounts;
  readonly #matcher: HitMatcher;
  readonly #side = new Neighbour();
  readonly #encodedText = new EncodedText();
  readonly #found = new EditList();
  /** Only whole hosts are looked for: what decides about them stands close by. */
  readonly #isSimple: boolean;

  constructor(pairs: CompiledPairs, scanner: NeedleScanner, counts: RewriteCounts) {
    this.#pairs = pairs;
    this.#scanner = scanner;
    this.#counts = counts;
    this.#matcher = new HitMatcher(pairs);
    this.#isSimple =
      !this.#matcher.mayOverlap &&
      [...pairs.hosts.values()].every((targets) => targets.every((target) => target.path.length === 0));
  }

  /**
   * @param window on the raw bytes `start` to `end`
   * @param hits where needles start in the raw bytes, in ascending order; the first in the text is number `index`
   * @returns whether {@link edits} are what the text becomes
   */
  run(window: RawWindow, start: number, end: number, hits: readonly number[], index: number): boolean {
    if (!this.#isSimple) return false;
    this.edits.clear();
    let low = start;
    let replacements = 0;
    for (let i = index; (hits[i] as number) < end; i++) {
      const hit = hits[i] as number;
      if (hit < low) continue;
      const at = window.open(hit, low, end);
      if (at < 0 || !this.#accepts(window, at, low, end)) return false;
      this.#found.clear();
      if (this.#matcher.addTo(window.text, this.#found)) replacements++;
      for (let j = 0; j < this.#found.count; j++)
        this.edits.add(
          window.rawOffset(this.#found.starts[j] as number),
          window.rawOffset(this.#found.ends[j] as number),
          this.#found.texts[j] as Buffer,
        );
      low = window.rawOffset(this.#matcher.end);
    }
    this.#counts.replacements += replacements;
    if (this.edits.changes > 0) this.#counts.values++;
    return true;
  }

  /** Whether the needle at `at` is replaced, whatever stands beyond the window. */
  #accepts(window: RawWindow, at: number, low: number, end: number): boolean {
    const { text, length } = window;
    const role = this.#pairs.roles[this.#scanner.longestAt(text, at, length)];
    if (role === undefined) return false;
    const needleEnd = at + role.needle.length;
    if (length - needleEnd < MARGIN_AFTER && window.rawOffset(length) !== end) return false;
    if (role.hosts === undefined) return false;
    if (needleEnd < length && !this.#endsNear(text, needleEnd, length)) return false;
    if (this.#isEncoded(window, at, needleEnd, low, end)) return false;
    if (!this.#matcher.match(text, at, role, 0, length)) return false;
    return this.#matcher.start >= MARGIN_BEFORE || window.rawOffset(0) === low;
  }

  /** Whether the text around the name is written in another encoding, or may be beyond the window. */
  #isEncoded(window: RawWindow, at: number, needleEnd: number, low: number, end: number): boolean {
    const { text, length } = window;
    const encoded = this.#encodedText;
    if (encoded.find(text, at, needleEnd, 0, length)) return true;
    return (
      (encoded.reachesLow && window.rawOffset(0) !== low) ||
      (encoded.reachesHigh && window.rawOffset(length) !== end)
    );
  }

  /** Whether a few bytes tell what stands behind a host: no port, no e-mail address, no long escape. */
  #endsNear(text: Buffer, at: number, length: number): boolean {
    const side = this.#side;
    const code = side.after(text, at, length);
    if (code === COLON || code === PLUS || code === PERCENT || code === BACKSLASH) return false;
    return side.end - at <= MAX_ESCAPE;
  }
}
