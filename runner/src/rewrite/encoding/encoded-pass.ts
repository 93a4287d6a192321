import { base64Around, encodedLike } from './base64-text.js';
import { type NeedleRole } from '../compile-pairs.js';
import { type RewriteCounts } from '../contract.js';
import { type EditList } from '../edit-list.js';
import { EncodedText } from './encoded-text.js';
import { encodingNear, isRegex } from './encoding-search.js';
import { decodeEscapes, encodeEdits, EscapeStep, type EscapeDialect } from './escape-dialect.js';
import { type HitList } from '../match/hit-list.js';
import { lineCuts, textDialects, type TextEncoding } from './text-encodings.js';

/** The pass over what was decoded. */
export interface InnerPass {
  readonly edits: EditList;
  /** Hits of the last value, and of what was decoded in it, about which something was decided. */
  readonly decided: number;
  run(bytes: Buffer): boolean;
}

export interface EncodedPassSettings {
  readonly counts: RewriteCounts;
  readonly hiddenHosts: readonly string[];
  readonly rewritesBase64: boolean;
  /** Hits and edits of the value that is worked on. */
  readonly hits: HitList;
  readonly edits: EditList;
  /** Undefined where it is deep enough. */
  readonly inner: () => InnerPass | undefined;
}

/** Texts of one value in another encoding: decodes them, lets the inner pass work, and encodes its edits. */
export class EncodedPass {
  /** Of the hits in such texts, about how many something was decided. */
  decided = 0;
  readonly #settings: EncodedPassSettings;
  readonly #text = new EncodedText();
  #bytes: Buffer = Buffer.alloc(0);

  constructor(settings: EncodedPassSettings) {
    this.#settings = settings;
  }

  reset(bytes: Buffer): void {
    this.#bytes = bytes;
    this.decided = 0;
  }

  /** The text around a hit. Returns its end; 0 where it is written in no other encoding. */
  around(at: number, role: NeedleRole, from: number, high: number): number {
    const encoding = this.#encodingAt(at, role, from, high);
    if (encoding === undefined) return 0;
    const cut = lineCuts(this.#bytes, from, high);
    if (cut !== undefined && this.decode(from, high, cut)) return high;
    const text = this.#text;
    if (role.hidden !== undefined)
      text.extend(this.#bytes, encoding, at, Math.min(at + role.nameLength, high), from, high);
    return this.decode(text.start, text.end, encoding) ? text.end : 0;
  }

  #encodingAt(at: number, role: NeedleRole, low: number, high: number): TextEncoding | undefined {
    if (role.hidden !== undefined) {
      const near = encodingNear(this.#bytes, at, this.#settings.hiddenHosts);
      if (near === undefined) return undefined;
      return role.hidden.encoding ?? (isRegex(this.#bytes, at + role.nameLength) ? 'regex' : near);
    }
    const isEncoded =
      role.hosts !== undefined && this.#text.find(this.#bytes, at, at + role.nameLength, low, high);
    return isEncoded ? this.#text.encoding : undefined;
  }

  /** A serialized value that is written in an encoding of text. Returns its end; 0 when it ends before the hit. */
  value(candidate: number, high: number, hit: number, encoding: TextEncoding): number {
    const outer = lineCuts(this.#bytes, candidate, high) ?? encoding;
    this.#text.extend(this.#bytes, outer, candidate, candidate, candidate, high);
    const { end } = this.#text;
    if (outer !== encoding && this.decode(candidate, end, outer)) return end;
    return end > hit && this.decode(candidate, end, encoding) ? end : 0;
  }

  /** Base64 that line breaks cut, as mail has it. */
  lines(at: number, from: number, high: number): number {
    const encoding = lineCuts(this.#bytes, from, high) ?? 'lines';
    this.#text.extend(this.#bytes, encoding, at, at + 1, from, high);
    const { start, end } = this.#text;
    return this.decode(start, end, encoding) ? end : 0;
  }

  /** Works on the decoded text and writes the edits back. False when nothing was found in it. */
  decode(start: number, end: number, encoding: TextEncoding): boolean {
    const dialect = textDialects[encoding];
    const raw = this.#bytes.subarray(start, end);
    const decoded = decodeEscapes(raw, dialect);
    const inner = this.#settings.inner();
    if (inner === undefined || decoded.length === raw.length || this.#cutsName(start, end, dialect))
      return false;
    const changed = inner.run(decoded);
    if (inner.decided === 0) return false;
    this.decided += inner.decided;
    if (changed) this.addInner(raw, start, inner, dialect);
    return true;
  }

  addInner(raw: Buffer, offset: number, inner: InnerPass, dialect: EscapeDialect): void {
    for (const edit of encodeEdits(raw, inner.edits.toEdits(), dialect))
      this.#settings.edits.addText(offset + edit.start, offset + edit.end, edit.text);
  }

  /** Whether an escape would take letters of a host that is spelled out: `100%acme.com`. */
  #cutsName(start: number, end: number, dialect: EscapeDialect): boolean {
    const { hits } = this.#settings;
    const step = new EscapeStep();
    const raw = this.#bytes.subarray(0, end);
    let escape = dialect.next(raw, start);
    for (let i = hits.indexFrom(start); hits.at(i) < end; i++) {
      const role = hits.roleAt(i);
      if (role.hosts === undefined) continue;
      const name = hits.at(i);
      for (; escape < name + role.nameLength; escape = dialect.next(raw, escape + step.rawLength)) {
        dialect.read(raw, escape, step);
        if (escape + step.rawLength > name) return true;
      }
    }
    return false;
  }

  /** Looks into base64 text around a hit. Returns its end, or 0 when there is no production host in it. */
  base64(at: number, groupStarts: readonly number[], low: number, high: number): number {
    const { counts, rewritesBase64, edits } = this.#settings;
    const inner = this.#settings.inner();
    if (inner === undefined) return 0;
    for (const before of groupStarts) {
      const found = base64Around(this.#bytes, at, at - before, low, high);
      if (found === undefined) continue;
      const known = { ...counts };
      const changes = inner.run(found.decoded);
      const names = changes || counts.base64 > known.base64;
      const rewrites = changes && rewritesBase64 && found.isWhole;
      if (!rewrites) Object.assign(counts, known);
      if (!names) continue;
      this.decided++;
      if (!rewrites) counts.base64++;
      else {
        const written = encodedLike(found.text, inner.edits.apply(found.decoded));
        edits.add(found.start, found.end, Buffer.from(written, 'latin1'));
      }
      return found.end;
    }
    return 0;
  }
}
