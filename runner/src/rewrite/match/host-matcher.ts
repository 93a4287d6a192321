import { type CompiledPairs, type HostTarget } from '../compile-pairs.js';
import { lowerAscii } from './site-address.js';
import { spellSegment, type PathSegment, type Spelling } from './path-spellings.js';
import {
  AT_SIGN,
  BACKSLASH,
  COLON,
  DASH,
  DOT,
  EDGE,
  isAlphanumeric,
  isDigit,
  isHostByte,
  letterEndsAt,
  letterStartsAt,
  Neighbour,
  SLASH,
  UNDERSCORE,
} from './neighbours.js';

/** Why a found host is not replaced; `new` is a result of an earlier run. */
export type LeftReason =
  'subdomains' | 'ports' | 'emails' | 'userinfo' | 'otherHosts' | 'pathSegments' | 'otherPaths' | 'new';

const MAX_HOST = 256;
const PLAIN_SLASH = '/';
const PLUS = 0x2b;
const ASTERISK = 0x2a;

const HOST_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => (isHostByte(byte) ? 1 : 0));
/** Bytes behind a host that are no part of it, of an escape, a port or an e-mail address, whatever follows them. */
const ENDS_HOST = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || isHostByte(byte) || '%\\:@+'.includes(String.fromCharCode(byte)) ? 0 : 1,
);
/** Whether `://` stands before `first`, none of it encoded. */
const isSchemeEnd = (bytes: Buffer, first: number): boolean =>
  bytes[first - 1] === SLASH && bytes[first - 2] === SLASH && bytes[first - 3] === COLON;

/** `)`, `]`, `}` */
const CLOSING = new Set([0x29, 0x5d, 0x7d]);
const LETTER_S = 0x73;
/** Whether `http` ends at `end`, in any letter case. */
const endsWithHttp = (bytes: Buffer, end: number, low: number): boolean =>
  end - 4 >= low &&
  ((bytes[end - 1] as number) | 0x20) === 0x70 &&
  ((bytes[end - 2] as number) | 0x20) === 0x74 &&
  ((bytes[end - 3] as number) | 0x20) === 0x74 &&
  ((bytes[end - 4] as number) | 0x20) === 0x68;
const isHex = (code: number | undefined): boolean =>
  isDigit(code) || (code !== undefined && (code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
const isLocalPart = (code: number): boolean =>
  isHostByte(code) || code === PLUS || code === 0x25 || code === COLON || code === 0x7e || code === 0x21;

/** Decides about one found host name. Holds its answer in fields, so that a hit allocates nothing. */
export class HostMatcher {
  /** The bytes to replace, and what they become. */
  start = 0;
  end = 0;
  text: Buffer = Buffer.alloc(0);
  /** Where the whole match starts, scheme included. */
  outerStart = 0;
  /** The scheme to replace; -1 when it stays. */
  schemeStart = -1;
  schemeEnd = -1;
  schemeText: Buffer = Buffer.alloc(0);
  /** Set when {@link match} says no. */
  reason: LeftReason = 'otherHosts';
  /** The name to report with `reason`. */
  leftStart = 0;
  leftEnd = 0;

  readonly #pairs: CompiledPairs;
  readonly #side = new Neighbour();
  readonly #schemes = new Map([
    ['http', Buffer.from('http')],
    ['https', Buffer.from('https')],
  ]);
  #isNetwork = false;
  #scheme = '';
  /** The slash before the host; nothing when there is none. */
  #slashStart = 0;
  #slashEnd = 0;
  /** What stood before the needle of these targets when its whole name was last looked up, and what was found. */
  #lastLabels = Buffer.alloc(0);
  #lastNeedle: readonly HostTarget[] | undefined;
  #lastTargets: readonly HostTarget[] | undefined;
  #port = '';
  #foundEnd = 0;
  /** How the letters beyond ASCII of the found path are written. */
  #spelling: Spelling | undefined;

  constructor(pairs: CompiledPairs) {
    this.#pairs = pairs;
  }

  #leave(reason: LeftReason): false {
    this.reason = reason;
    return false;
  }

  /**
   * @param at where the needle stands, `needleEnd` where it ends
   * @param targets what the needle itself may become
   * @param low first byte that belongs to this text, `high` its end
   */
  match(
    bytes: Buffer,
    at: number,
    needleEnd: number,
    targets: readonly HostTarget[],
    low: number,
    high: number,
  ): boolean {
    let first = this.#labelsBefore(bytes, at, needleEnd, low);
    this.leftStart = first;
    this.leftEnd = needleEnd;
    if (bytes[first] === DOT && first < at) {
      if (first > low && bytes[first - 1] === ASTERISK) return this.#leave('subdomains');
      while (first < at && bytes[first] === DOT) first++;
    }
    // Underscores with nothing before them belong to the text: `_acme.com_`.
    if (first < at && onlyUnderscores(bytes, first, at)) first = at;
    let candidates = targets;
    if (first < at) {
      const known = this.#targetsOf(bytes, first, at, needleEnd, targets);
      if (known === undefined) return this.#unknown(bytes, at, first, needleEnd, high);
      candidates = known;
    }
    this.start = first;
    if (!this.#readLeft(bytes, first, low)) return false;
    if (!this.#readRight(bytes, needleEnd, high)) return false;
    return this.#choose(bytes, candidates, high);
  }

  /**
   * What the name from `first` to `end` may become, whose end is the needle of `targets`. The same name often comes
   * again: what stands before the needle, which is known to be there, is compared, not looked up.
   */
  #targetsOf(
    bytes: Buffer,
    first: number,
    at: number,
    end: number,
    targets: readonly HostTarget[],
  ): readonly HostTarget[] | undefined {
    const last = this.#lastLabels;
    let same = last.length === at - first && targets === this.#lastNeedle;
    for (let i = 0; same && i < last.length; i++) same = last[i] === bytes[first + i];
    if (same) return this.#lastTargets;
    this.#lastLabels = Buffer.from(bytes.subarray(first, at));
    this.#lastNeedle = targets;
    this.#lastTargets = this.#pairs.hosts.get(lowerAscii(bytes.toString('latin1', first, end)));
    return this.#lastTargets;
  }

  #unknown(bytes: Buffer, at: number, first: number, needleEnd: number, high: number): boolean {
    const isSubdomain = bytes[at - 1] === DOT;
    if (this.#continuesHost(bytes, needleEnd, high)) return this.#leave('otherHosts');
    if (this.#pairs.newHosts.has(lowerAscii(bytes.toString('latin1', first, needleEnd))))
      return this.#leave('new');
    return this.#leave(isSubdomain ? 'subdomains' : 'otherHosts');
  }

  /** Where the host name starts that ends with the needle, without the tail of an escape in front of it. */
  #labelsBefore(bytes: Buffer, at: number, needleEnd: number, low: number): number {
    const limit = Math.max(low, at - MAX_HOST);
    let first = at;
    while (first > limit && HOST_BYTES[bytes[first - 1] as number] === 1) first--;
    if (first === at || first === low) return first;
    const previous = bytes[first - 1] as number;
    if (previous === 0x25) {
      while (first + 2 <= at && bytes[first] === 0x32 && bytes[first + 1] === 0x35) first += 2;
      return first + 2 <= at && isHex(bytes[first]) && isHex(bytes[first + 1]) ? first + 2 : first;
    }
    if (previous !== BACKSLASH) return first;
    const letter = bytes[first] as number;
    if (letter === 0x75 && first + 5 <= at && [1, 2, 3, 4].every((i) => isHex(bytes[first + i])))
      return first + 5;
    const isControl =
      letter === 0x6e || letter === 0x72 || letter === 0x74 || letter === 0x62 || letter === 0x66;
    if (isControl && !this.#pairs.hosts.has(lowerAscii(bytes.toString('latin1', first, needleEnd))))
      return first + 1;
    return first;
  }

  #readLeft(bytes: Buffer, first: number, low: number): boolean {
    const side = this.#side;
    this.#isNetwork = false;
    this.#scheme = '';
    this.#slashStart = this.#slashEnd = 0;
    this.outerStart = first;
    this.schemeStart = -1;
    if (first - 3 >= low && isSchemeEnd(bytes, first)) return this.#readUrl(bytes, first, low);
    side.before(bytes, first, low);
    if (side.code === EDGE) return true;
    if (side.code >= 0x80)
      return side.start === first - 1 && letterEndsAt(bytes, first, low) ? this.#leave('otherHosts') : true;
    if (side.code === AT_SIGN)
      return this.#leave(this.#hasSlashesBefore(bytes, side.start, low) ? 'userinfo' : 'emails');
    if (side.code !== SLASH) {
      const isWrittenAt =
        CLOSING.has(side.code) && WRITTEN_AT.test(bytes.toString('latin1', Math.max(low, first - 4), first));
      return isWrittenAt ? this.#leave('emails') : true;
    }
    this.#slashStart = side.start;
    this.#slashEnd = first;
    side.before(bytes, side.start, low);
    if (side.code !== SLASH) return this.#leave('pathSegments');
    const slashes = side.start;
    const outer = side.before(bytes, slashes, low);
    if (outer !== COLON) {
      const inPath = outer !== EDGE && isHostByte(outer);
      if (inPath && side.start === slashes - 1) return this.#leave('pathSegments');
      this.#isNetwork = true;
      this.outerStart = slashes;
      return true;
    }
    this.#isNetwork = true;
    this.#readScheme(bytes, side.start, low);
    return true;
  }

  /** Most hosts stand behind `://`, with nothing encoded. */
  #readUrl(bytes: Buffer, first: number, low: number): true {
    this.#slashStart = first - 1;
    this.#slashEnd = first;
    this.#isNetwork = true;
    this.#readScheme(bytes, first - 3, low);
    return true;
  }

  #readScheme(bytes: Buffer, colon: number, low: number): void {
    let length = 0;
    this.#scheme = '';
    if (endsWithHttp(bytes, colon - 1, low) && ((bytes[colon - 1] as number) | 0x20) === LETTER_S) {
      this.#scheme = 'https';
      length = 5;
    } else if (endsWithHttp(bytes, colon, low)) {
      this.#scheme = 'http';
      length = 4;
    } else {
      while (length < 12 && colon - length > low && isAlphanumeric(bytes[colon - length - 1] as number))
        length++;
      if (length > 0) this.#scheme = 'other';
    }
    this.schemeStart = colon - length;
    this.schemeEnd = colon;
    this.outerStart = this.schemeStart;
  }

  /** Whether `//name:password` stands before an `@`. */
  #hasSlashesBefore(bytes: Buffer, at: number, low: number): boolean {
    let start = at;
    const limit = Math.max(low, at - MAX_HOST);
    while (start > limit && isLocalPart(bytes[start - 1] as number)) start--;
    this.#side.before(bytes, start, low);
    if (this.#side.code !== SLASH) return false;
    this.#side.before(bytes, this.#side.start, low);
    return this.#side.code === SLASH;
  }

  /** Whether the name goes on after `end`, so that it is another host. */
  #continuesHost(bytes: Buffer, end: number, high: number): boolean {
    const side = this.#side;
    side.after(bytes, end, high);
    const { code, end: next } = side;
    if (code === EDGE) return false;
    if (isAlphanumeric(code)) return true;
    if (code === UNDERSCORE) return isAlphanumeric(afterUnderscores(bytes, next, high));
    if (code >= 0x80) return next === end + 1 && letterStartsAt(bytes, end, high);
    if (code !== DOT && code !== DASH) return false;
    const following = next < high ? (bytes[next] as number) : EDGE;
    if (isAlphanumeric(following) || following === DASH || following === UNDERSCORE) return true;
    return code === DOT && following >= 0x80 && letterStartsAt(bytes, next, high);
  }

  #readRight(bytes: Buffer, end: number, high: number): boolean {
    if (end >= high || ENDS_HOST[bytes[end] as number] === 1) {
      this.#port = '';
      this.#foundEnd = end;
      return true;
    }
    if (this.#continuesHost(bytes, end, high)) return this.#leave('otherHosts');
    const side = this.#side;
    this.#port = '';
    this.#foundEnd = end;
    side.after(bytes, end, high);
    if (side.code === AT_SIGN) return this.#leave(this.#isNetwork ? 'userinfo' : 'emails');
    if (side.code === PLUS && !this.#isNetwork && this.#reachesAtSign(bytes, side.end, high))
      return this.#leave('emails');
    if (side.code !== COLON) return true;
    const digits = side.end;
    if (this.#reachesAtSign(bytes, digits, high)) return this.#leave(this.#isNetwork ? 'userinfo' : 'emails');
    let last = digits;
    while (last < high && last - digits < 6 && isDigit(bytes[last])) last++;
    if (last === digits || (last < high && isAlphanumeric(bytes[last] as number))) return true;
    const port = bytes.toString('latin1', digits, last);
    this.#foundEnd = last;
    this.#port = this.#isDefault(port) ? '' : port;
    return true;
  }

  #isDefault(port: string): boolean {
    return (port === '443' && this.#scheme !== 'http') || (port === '80' && this.#scheme !== 'https');
  }

  /** Whether what follows is the rest of a user's name or password: `:secret@`, `+tag@`. */
  #reachesAtSign(bytes: Buffer, from: number, high: number): boolean {
    const limit = Math.min(high, from + MAX_HOST);
    for (let at = from; at < limit; at++) {
      const code = bytes[at] as number;
      if (code === AT_SIGN) return true;
      if (code === 0x25 && bytes[at + 1] === 0x34 && bytes[at + 2] === 0x30) return true;
      if (!isLocalPart(code)) return false;
    }
    return false;
  }

  #choose(bytes: Buffer, targets: readonly HostTarget[], high: number): boolean {
    let portFits = false;
    for (const target of targets) {
      if (target.port !== this.#port) continue;
      if (target.kind === 'url' && !this.#isUrl()) continue;
      portFits = true;
      const end = this.#pathEnd(bytes, target.path, high);
      if (end < 0) continue;
      if (target.isNew) return this.#leave('new');
      this.#take(bytes, this.#preferred(targets, target), end, high);
      return true;
    }
    this.leftEnd = this.#foundEnd;
    if (this.#port !== '' && !portFits) return this.#leave('ports');
    return this.#leave('otherPaths');
  }

  #isUrl(): boolean {
    return this.#isNetwork && this.#scheme !== 'other';
  }

  /** In a URL the `url` pair decides about the scheme; elsewhere the `host` pair does. */
  #preferred(targets: readonly HostTarget[], found: HostTarget): HostTarget {
    const wanted = this.#isUrl() ? 'url' : 'host';
    if (found.kind === wanted) return found;
    const same = targets.find(
      (target) =>
        target.kind === wanted &&
        !target.isNew &&
        target.port === found.port &&
        target.path.length === found.path.length &&
        target.path.every((segment, i) => segment.name === found.path[i]?.name),
    );
    return same ?? found;
  }

  /** The end of the path that must follow the host; -1 when it does not. */
  #pathEnd(bytes: Buffer, path: readonly PathSegment[], high: number): number {
    let at = this.#foundEnd;
    this.#spelling = undefined;
    if (path.length === 0) return at;
    const side = this.#side;
    for (const segment of path) {
      side.after(bytes, at, high);
      if (side.code !== SLASH) return -1;
      const start = side.end;
      const found = segment.forms.find(
        ({ text }) =>
          start + text.length <= high && bytes.toString('latin1', start, start + text.length) === text,
      );
      if (found === undefined) return -1;
      at = start + found.text.length;
      this.#spelling = found.spelling ?? this.#spelling;
    }
    return segmentEndsAt(side, bytes, at, high) ? at : -1;
  }

  #take(bytes: Buffer, target: HostTarget, end: number, high: number): void {
    const { to } = target;
    this.end = end;
    if (to.port === '' && to.path === '') this.text = target.toHostBytes;
    else this.text = this.#written(target, this.#styleFor(bytes, target, end, high));
    const replacesScheme = target.kind === 'url' && (this.#scheme === 'http' || this.#scheme === 'https');
    if (!replacesScheme || this.#scheme === to.scheme) this.schemeStart = -1;
    else this.schemeText = this.#schemes.get(to.scheme) ?? this.schemeText;
  }

  /** The way a slash is written here: after the match, in it, before it. */
  #styleFor(bytes: Buffer, target: HostTarget, end: number, high: number): string {
    const side = this.#side;
    side.after(bytes, target.path.length > 0 ? this.#foundEnd : end, high);
    return side.code === SLASH ? bytes.toString('latin1', side.start, side.end) : this.#styleBefore(bytes);
  }

  #styleBefore(bytes: Buffer): string {
    const isKnown = this.#slashEnd > this.#slashStart;
    return isKnown ? bytes.toString('latin1', this.#slashStart, this.#slashEnd) : PLAIN_SLASH;
  }

  #written(target: HostTarget, style: string): Buffer {
    // Percent-encoding means the same everywhere; letters are written as such where the old path had them so.
    const spelling = this.#spelling ?? 'percent';
    const key = `${spelling} ${style}`;
    const known = target.texts.get(key);
    if (known !== undefined) return known;
    const { port, path } = target.to;
    const colon = /^%/.test(style) ? style.replace(/2f$/i, '3A') : ':';
    const spelled = path.split('/').map((segment) => spellSegment(segment, spelling));
    const written = Buffer.from(
      `${target.toHost}${port === '' ? '' : colon + port}${spelled.join(style)}`,
      'latin1',
    );
    target.texts.set(key, written);
    return written;
  }
}

function onlyUnderscores(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== UNDERSCORE) return false;
  return true;
}

function afterUnderscores(bytes: Buffer, start: number, high: number): number {
  let at = start;
  while (at < high && bytes[at] === UNDERSCORE) at++;
  return at < high ? (bytes[at] as number) : EDGE;
}

/** `(at)`, `[at]`, `{at}`: how people write an e-mail address that programs shall not read. */
const WRITTEN_AT = /[([{]at[)\]}]$/i;

/** Whether a path segment ends at `at`. */
export function segmentEndsAt(side: Neighbour, bytes: Buffer, at: number, high: number): boolean {
  side.after(bytes, at, high);
  const { code, end } = side;
  if (isAlphanumeric(code) || code === UNDERSCORE || code === DASH || code === 0x7e) return false;
  if (code >= 0x80) return end !== at + 1 || !letterStartsAt(bytes, at, high);
  if (code !== DOT) return true;
  return !(end < high && (isAlphanumeric(bytes[end] as number) || bytes[end] === UNDERSCORE));
}
