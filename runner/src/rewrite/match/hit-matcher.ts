import { type CompiledPairs, type NeedleRole, type TextTarget } from '../compile-pairs.js';
import { type RewriteCounts } from '../contract.js';
import { type EditList } from '../edit-list.js';
import { HostMatcher } from './host-matcher.js';
import { PathMatcher } from './path-matcher.js';
import { lowerAscii } from './site-address.js';

const MAX_NAMES = 1000;

/** A decided match, kept while a longer one is looked for. */
export interface SavedMatch {
  readonly start: number;
  readonly end: number;
  readonly editStart: number;
  readonly text: Buffer;
  readonly schemeStart: number;
  readonly schemeEnd: number;
  readonly schemeText: Buffer;
}

/** Decides about a hit of any kind of needle. The answer stands in its fields. */
export class HitMatcher {
  /** The whole match, scheme included. */
  start = 0;
  end = 0;
  /** Whether the last hit is replaced. */
  accepted = false;
  /** Whether needles of different pairs can overlap, so that the longest has to be found. */
  readonly mayOverlap: boolean;
  readonly #pairs: CompiledPairs;
  readonly #hosts: HostMatcher;
  readonly #paths = new PathMatcher();
  /** Needles that are the beginning of another needle, by that other one. */
  readonly #shorter = new Map<NeedleRole, NeedleRole[]>();
  #editStart = 0;
  #text: Buffer = Buffer.alloc(0);
  #schemeStart = -1;
  #schemeEnd = -1;
  #schemeText: Buffer = Buffer.alloc(0);
  #hasReason = false;

  constructor(pairs: CompiledPairs) {
    this.#pairs = pairs;
    this.#hosts = new HostMatcher(pairs);
    this.mayOverlap = pairs.roles.some((role) => role.texts !== undefined || role.paths !== undefined);
    const spelled = pairs.roles.filter((role) => role.hidden === undefined && role.base64 === undefined);
    for (const role of spelled) {
      const shorter = spelled.filter(
        (other) => other !== role && role.needle.subarray(0, other.needle.length).equals(other.needle),
      );
      if (shorter.length > 0) this.#shorter.set(role, shorter);
    }
  }

  /** Whether the needle at `at` is replaced, in the text from `low` to `high`. */
  match(bytes: Buffer, at: number, role: NeedleRole, low: number, high: number): boolean {
    this.#hasReason = false;
    this.accepted = this.#matchRole(bytes, at, role, low, high);
    if (this.accepted || this.#shorter.size === 0) return this.accepted;
    const shorter = this.#shorter.get(role) ?? [];
    this.accepted = shorter.some((other) => this.#matchRole(bytes, at, other, low, high));
    return this.accepted;
  }

  #matchRole(bytes: Buffer, at: number, role: NeedleRole, low: number, high: number): boolean {
    const end = at + role.needle.length;
    if (end > high) return false;
    let found = false;
    if (role.texts !== undefined)
      for (const target of role.texts) if (this.#matchText(bytes, at, target)) found = true;
    if (role.paths !== undefined)
      for (const target of role.paths)
        if (this.#paths.match(bytes, at, target, low, high))
          found = this.#takeIfLonger(found, this.#paths.start, this.#paths.end, this.#paths.text);
    if (role.hosts !== undefined) {
      if (this.#hosts.match(bytes, at, end, role.hosts, low, high)) found = this.#takeHost(found);
      else this.#hasReason = true;
    }
    return found;
  }

  #takeIfLonger(found: boolean, start: number, end: number, text: Buffer): boolean {
    if (found && end - start <= this.end - this.start) return true;
    this.start = this.#editStart = start;
    this.end = end;
    this.#text = text;
    this.#schemeStart = -1;
    return true;
  }

  #takeHost(found: boolean): boolean {
    const hosts = this.#hosts;
    if (found && hosts.end - hosts.outerStart <= this.end - this.start) return true;
    this.start = hosts.outerStart;
    this.end = hosts.end;
    this.#editStart = hosts.start;
    this.#text = hosts.text;
    this.#schemeStart = hosts.schemeStart;
    this.#schemeEnd = hosts.schemeEnd;
    this.#schemeText = hosts.schemeText;
    return true;
  }

  #matchText(bytes: Buffer, at: number, { from, to }: TextTarget): boolean {
    const end = at + from.length;
    if (bytes.compare(from, 0, from.length, at, end) !== 0) return false;
    for (const done of this.#pairs.newTexts)
      for (let offset = done.indexOf(from); offset >= 0; offset = done.indexOf(from, offset + 1)) {
        const start = at - offset;
        if (
          start >= 0 &&
          start + done.length <= bytes.length &&
          bytes.compare(done, 0, done.length, start, start + done.length) === 0
        )
          return false;
      }
    return this.#takeIfLonger(false, at, end, to);
  }

  /** Adds the edits of the match; false when the bytes are right already. */
  addTo(bytes: Buffer, edits: EditList): boolean {
    let changed = false;
    if (this.#schemeStart >= 0) {
      edits.add(this.#schemeStart, this.#schemeEnd, this.#schemeText);
      changed = true;
    }
    if (!equals(bytes, this.#editStart, this.end, this.#text)) {
      edits.add(this.#editStart, this.end, this.#text);
      changed = true;
    }
    return changed;
  }

  /** Counts why the last hit was left. Returns whether it names a host at all. */
  countLeft(bytes: Buffer, counts: RewriteCounts, left: Map<string, number>): boolean {
    if (!this.#hasReason) return false;
    const { reason, leftStart, leftEnd } = this.#hosts;
    if (reason === 'new') return true;
    counts[reason]++;
    if (reason !== 'subdomains' && reason !== 'ports') return true;
    const name = lowerAscii(bytes.toString('latin1', leftStart, leftEnd));
    const known = left.get(name);
    if (known !== undefined || left.size < MAX_NAMES) left.set(name, (known ?? 0) + 1);
    return true;
  }

  save(): SavedMatch {
    return {
      start: this.start,
      end: this.end,
      editStart: this.#editStart,
      text: this.#text,
      schemeStart: this.#schemeStart,
      schemeEnd: this.#schemeEnd,
      schemeText: this.#schemeText,
    };
  }

  restore(match: SavedMatch): void {
    this.accepted = true;
    this.start = match.start;
    this.end = match.end;
    this.#editStart = match.editStart;
    this.#text = match.text;
    this.#schemeStart = match.schemeStart;
    this.#schemeEnd = match.schemeEnd;
    this.#schemeText = match.schemeText;
  }
}

function equals(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
