import { UnderstudyError } from '../errors/index.js';
import { type ReplacementPair } from './contract.js';
import { hiddenForms, type HiddenForm } from './encoding/hidden-forms.js';
import { pathSegment, type PathSegment } from './match/path-spellings.js';
import {
  formatAddress,
  hostForms,
  lowerAscii,
  parseSiteAddress,
  type SiteAddress,
} from './match/site-address.js';

export interface HostTarget {
  readonly kind: 'url' | 'host';
  readonly port: string;
  /** Path segments that must follow. */
  readonly path: readonly PathSegment[];
  readonly to: SiteAddress;
  /** The new host in the form in which the old one is written, latin1. */
  readonly toHost: string;
  /** The same as bytes: most replacements. */
  readonly toHostBytes: Buffer;
  /** The address is a new one already; nothing is done. */
  readonly isNew: boolean;
  /** The written replacements, by the style of slash. */
  readonly texts: Map<string, Buffer>;
}
export interface TextTarget {
  readonly from: Buffer;
  readonly to: Buffer;
}
export interface PathTarget {
  readonly segments: readonly Buffer[];
  /** Which segment the needle is. */
  readonly anchor: number;
  readonly to: string;
  /** More segments that, when they follow, show that the path is a new one already. */
  readonly isNewWith: readonly Buffer[] | undefined;
  readonly texts: Map<string, Buffer>;
}
/** What a needle may be a part of. */
export interface NeedleRole {
  readonly needle: Buffer;
  readonly isExact: boolean;
  hosts?: HostTarget[];
  texts?: TextTarget[];
  paths?: PathTarget[];
  /** How many bytes of the needle are the name itself. */
  nameLength: number;
  /** The needle shows a host that is not spelled out. */
  hidden?: HiddenForm;
  /** The needle is base64; how many letters of its first group stand before it. */
  base64?: number[];
}
export interface CompiledPairs {
  readonly roles: readonly NeedleRole[];
  /** Targets by host as written (latin1, lower case), longest path first. */
  readonly hosts: ReadonlyMap<string, readonly HostTarget[]>;
  /** Lower-case hosts that are the result of a replacement. */
  readonly newHosts: ReadonlySet<string>;
  /** Results of text and path pairs: a find inside one of them is not replaced again. */
  readonly newTexts: readonly Buffer[];
  /** Bytes as latin1 text, ASCII letters in lower case. */
  readonly needles: readonly string[];
  /** Hosts that hidden forms show, ASCII in lower case. */
  readonly hiddenHosts: readonly string[];
}

const refuse = (pair: ReplacementPair, why: string): never => {
  throw new UnderstudyError(
    'REWRITE_PAIR_REFUSED',
    `The ${pair.kind} pair "${pair.from}" to "${pair.to}" is invalid: ${why}.`,
  );
};

/** Pieces of SQL, JSON or serialized PHP: replacing them would change structure, not text. */
const STRUCTURE =
  /^(?:[sSCOEa]:|[bidrR]:-?\d*;?$|N;)|\),\s*\(|";[sSaObidNCErR}]|[{};]s:\d|^[\s\p{P}\p{S}]*$/u;

function checkPair(pair: ReplacementPair): void {
  if (Buffer.byteLength(pair.from) < 4) refuse(pair, 'the old text is shorter than four bytes');
  if (pair.to === '') refuse(pair, 'the new text is empty');
  if (/[\x00-\x1f\x7f]/.test(pair.from + pair.to)) refuse(pair, 'it has control characters');
  if (STRUCTURE.test(pair.from)) refuse(pair, 'the old text is structure of SQL, JSON or serialized data');
  if (pair.kind === 'path' && !(pair.from.startsWith('/') && pair.to.startsWith('/')))
    refuse(pair, 'both paths must be absolute');
  if (pair.kind === 'path' && /(?:^|\/)\.{1,2}(?:\/|$)|\/\//.test(pair.from + pair.to))
    refuse(pair, 'a path must have no empty, "." or ".." segments');
}

interface ParsedPair {
  readonly pair: ReplacementPair;
  readonly kind: 'url' | 'host';
  readonly from: SiteAddress;
  readonly to: SiteAddress;
}

const samePlace = (a: SiteAddress, b: SiteAddress): boolean => a.host === b.host && a.port === b.port;
const isBelow = (path: string, above: string): boolean => path !== above && path.startsWith(`${above}/`);

/** Refuses what would make a second run change something, and two answers to one question. */
function checkTogether(pairs: readonly ParsedPair[]): void {
  for (const one of pairs)
    for (const other of pairs) {
      const sameFrom = samePlace(one.from, other.from) && one.from.path === other.from.path;
      if (sameFrom && one.kind === other.kind && formatAddress(one.to) !== formatAddress(other.to))
        refuse(other.pair, `"${one.pair.from}" already becomes "${one.pair.to}"`);
      if (!samePlace(one.to, other.from)) continue;
      if (
        one.to.path === other.from.path &&
        !(samePlace(other.from, other.to) && other.to.path === other.from.path)
      )
        refuse(one.pair, `its new address is itself to be replaced, by "${other.pair.to}"`);
      if (isBelow(other.from.path, one.to.path))
        refuse(
          one.pair,
          `pages below its new address would be taken for "${other.pair.from}" in the next run`,
        );
    }
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

function addHost(
  hosts: Map<string, HostTarget[]>,
  from: SiteAddress,
  target: Omit<HostTarget, 'toHost' | 'toHostBytes' | 'texts' | 'path' | 'port'>,
): void {
  const newForms = hostForms(target.to.host);
  for (const [style, form] of hostForms(from.host)) {
    const key = lowerAscii(form);
    const toHost = newForms.get(style.replace('upper', 'lower')) ?? target.to.host;
    const list = hosts.get(key) ?? [];
    list.push({
      ...target,
      port: from.port,
      path: segmentsOf(from.path).map(pathSegment),
      toHost,
      toHostBytes: Buffer.from(toHost, 'latin1'),
      texts: new Map(),
    });
    list.sort((a, b) => b.path.length - a.path.length);
    hosts.set(key, list);
  }
}

function compileHosts(parsed: readonly ParsedPair[]): Map<string, HostTarget[]> {
  const hosts = new Map<string, HostTarget[]>();
  for (const { kind, from, to } of parsed) addHost(hosts, from, { kind, to, isNew: false });
  for (const { kind, to } of parsed) {
    const clash = parsed.some(({ from }) => samePlace(from, to) && from.path === to.path);
    if (!clash && parsed.some(({ from }) => samePlace(from, to)))
      addHost(hosts, to, { kind, to, isNew: true });
  }
  return hosts;
}

/** The text as it is written in JSON, in JSON in JSON, and in a URL. */
function textForms(pair: ReplacementPair): [string, string][] {
  const forms: ((text: string) => string)[] = [
    (text) => text,
    (text) => text.replaceAll('/', '\\/'),
    (text) => text.replaceAll('/', '\\\\/'),
    (text) => encodeURIComponent(text),
    (text) => encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ];
  const found = new Map<string, string>();
  for (const form of forms) if (!found.has(form(pair.from))) found.set(form(pair.from), form(pair.to));
  return [...found];
}

function compilePath(pair: ReplacementPair, all: readonly ReplacementPair[]): PathTarget {
  const names = segmentsOf(pair.from);
  const anchor = names.reduce((best, name, i) => (name.length > (names[best] ?? '').length ? i : best), 0);
  if (Buffer.byteLength(names[anchor] ?? '') < 2) refuse(pair, 'its folders have names of one letter');
  const old = `/${names.join('/')}`;
  const deeper = all
    .filter((other) => other.kind === 'path')
    .map((other) => `/${segmentsOf(other.to).join('/')}`)
    .filter((to) => isBelow(to, old))
    .sort((a, b) => a.length - b.length)[0];
  const more = deeper === undefined ? undefined : segmentsOf(deeper.slice(old.length));
  return {
    segments: names.map((name) => Buffer.from(name)),
    anchor,
    to: `/${segmentsOf(pair.to).join('/')}`,
    isNewWith: more?.map((name) => Buffer.from(name)),
    texts: new Map(),
  };
}

class RoleTable {
  readonly roles = new Map<string, NeedleRole>();
  /** @param isExact whether letter case matters */
  at(needle: string, isExact = false): NeedleRole {
    const text = isExact ? needle : lowerAscii(needle);
    const key = `${String(isExact)} ${text}`;
    const known = this.roles.get(key);
    if (known !== undefined) return known;
    const role: NeedleRole = { needle: Buffer.from(text, 'latin1'), isExact, nameLength: text.length };
    this.roles.set(key, role);
    return role;
  }
}

function addHidden(table: RoleTable, form: HiddenForm): void {
  // As it is written between the quotes of a dump.
  const inSql = form.needle.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  for (const needle of new Set([form.needle, inSql])) {
    const role = table.at(needle, form.isExact === true);
    if (form.base64 !== undefined) (role.base64 ??= []).push(form.base64);
    else if (role.hosts === undefined && role.hidden === undefined) {
      role.hidden = form;
      role.nameLength = form.nameLength;
    }
  }
}

/** Hosts that are not the end of another host that is searched for: finding the shorter one finds both. */
const shortestHosts = (hosts: readonly string[]): string[] =>
  hosts.filter((host) => !hosts.some((other) => other !== host && host.endsWith(`.${other}`)));

/** Turns pairs into tables for the matcher. @throws REWRITE_PAIR_REFUSED for pairs that cannot be right */
export function compilePairs(all: readonly ReplacementPair[]): CompiledPairs {
  for (const pair of all) checkPair(pair);
  const pairs = all.filter((pair) => pair.from !== pair.to);
  const parsed: ParsedPair[] = pairs.flatMap((pair) =>
    pair.kind === 'url' || pair.kind === 'host'
      ? [
          {
            pair,
            kind: pair.kind,
            from: parseSiteAddress(pair.from, pair.kind),
            to: parseSiteAddress(pair.to, pair.kind),
          },
        ]
      : [],
  );
  checkTogether(parsed);
  const hosts = compileHosts(parsed);
  const table = new RoleTable();
  for (const host of shortestHosts([...hosts.keys()])) table.at(host).hosts = hosts.get(host) ?? [];
  for (const pair of pairs) {
    if (pair.kind === 'text')
      for (const [from, to] of textForms(pair)) {
        const role = table.at(Buffer.from(from).toString('latin1'));
        (role.texts ??= []).push({ from: Buffer.from(from), to: Buffer.from(to) });
      }
    if (pair.kind === 'path') {
      const target = compilePath(pair, pairs);
      (table.at((target.segments[target.anchor] as Buffer).toString('latin1')).paths ??= []).push(target);
    }
  }
  const needles = [...table.roles.values()].map((role) => role.needle.toString('latin1'));
  const hiddenHosts = shortestHosts([...new Set(parsed.map(({ from }) => from.host))]);
  for (const form of hiddenHosts.flatMap(hiddenForms)) addHidden(table, form);
  return {
    roles: [...table.roles.values()],
    hosts,
    newHosts: new Set(parsed.flatMap(({ to }) => [...hostForms(to.host).values()].map(lowerAscii))),
    newTexts: pairs
      .filter((pair) => pair.kind === 'text')
      .flatMap((pair) => textForms(pair).map(([, to]) => Buffer.from(to))),
    needles,
    hiddenHosts,
  };
}
