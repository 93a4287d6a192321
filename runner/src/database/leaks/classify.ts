import { hostForms, lowerAscii } from './host-forms.js';

/** Why a text that holds a production host's name is no link to production. */
export type HarmlessReason =
  'subdomain' | 'other host' | 'port' | 'e-mail or user' | 'folder' | 'staging address';

export interface Occurrence {
  /** The production host in ASCII, lower case. */
  readonly host: string;
  /** Undefined: it is a leak. */
  readonly harmless: HarmlessReason | undefined;
  /** Some characters around it, for the report. */
  readonly sample: string;
}

export interface LeakTarget {
  readonly hosts: readonly string[];
  /** Staging's addresses, `host[/path]`: where staging lies below production's host, these are no leaks. */
  readonly staging: readonly string[];
}

/** Finds and judges every mention of a production host in a value. Built once, used for many values. */
export function leakClassifier(target: LeakTarget): (value: Buffer) => Occurrence[] {
  const forms = hostForms(target.hosts);
  // Longest first, so that `www.acme.com` is not taken for a mention of `acme.com`.
  const pattern = new RegExp(
    [...forms.keys()]
      .sort((a, b) => b.length - a.length)
      .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('|'),
    'g',
  );
  const staging = target.staging.flatMap(addressForms);
  return (value) => {
    const original = value.toString('latin1');
    const text = lowerAscii(original);
    return [...text.matchAll(pattern)].map((match) => {
      const [start, end] = [match.index, match.index + match[0].length];
      return {
        host: forms.get(match[0]) ?? match[0],
        harmless: judge(text, start, end, staging),
        sample: original.slice(Math.max(0, start - 30), end + 20).replace(/[\x00-\x1f\x7f-\xff]/g, '·'),
      };
    });
  };
}

/** An address with each form of its host: an international name is also written in Unicode. */
function addressForms(address: string): string[] {
  const [host = '', ...path] = lowerAscii(address).replace(/\/+$/, '').split('/');
  return [...hostForms([host]).keys()].map((form) => [form, ...path].join('/'));
}

/** Slashes in all the ways in which they are escaped become slashes. Text is in lower case. */
const plainSlashes = (text: string): string =>
  text
    .replace(/(?:%25)*%(?:25)*2f/g, '/')
    .replace(/\\+u002f/g, '/')
    .replace(/\\+\//g, '/')
    .replace(/&#(?:0*47|x0*2f);/g, '/')
    .replace(/\\+u0040|%(?:25)*40/g, '@')
    .replace(/%(?:25)*3a|\\+u003a/g, ':');

const ESCAPE_BEFORE = /(?:%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[abfnrtv0])$/;

function judge(
  text: string,
  start: number,
  end: number,
  staging: readonly string[],
): HarmlessReason | undefined {
  const rest = plainSlashes(text.slice(start, end + 300));
  if (staging.some((address) => rest.startsWith(address) && !/^[a-z0-9-]/.test(rest.slice(address.length))))
    if (!staging.some((address) => address === text.slice(start, end))) return 'staging address';
  const after = plainSlashes(text.slice(end, end + 24));
  if (/^(?:[a-z0-9_-]|\.[a-z0-9])/.test(after)) return 'other host';
  if (after.startsWith('@')) return 'e-mail or user';
  if (/^:\d/.test(after) && !/^:(?:80|443)(?!\d)/.test(after)) return 'port';
  const raw = text.slice(Math.max(0, start - 48), start);
  const before = plainSlashes(raw);
  if (before.endsWith('@')) return 'e-mail or user';
  if (/[a-z0-9_-]\.$/.test(before)) return 'subdomain';
  if (/[^/:]\/$/.test(before) && !/^\/?$/.test(before) && !/["'=(\s>]\/$/.test(before)) return 'folder';
  if (/[a-z0-9_-]$/.test(before) && !ESCAPE_BEFORE.test(raw)) return 'other host';
  return undefined;
}
