import { canonicalHost } from '../addresses.js';

/** What two spellings of one address have in common: host without `www.`, http and https alike, folder. */
export interface UrlIdentity {
  /** With `:port` where it is none of the usual two. */
  readonly host: string;
  /** Begins with a slash, or is empty. */
  readonly folder: string;
}

const identities = new Map<string, UrlIdentity | undefined>();

/** Of a URL, or of `host[/folder]`. Undefined where the text is neither. */
export function urlIdentity(text: string): UrlIdentity | undefined {
  if (!identities.has(text)) identities.set(text, identify(text));
  return identities.get(text);
}

function identify(text: string): UrlIdentity | undefined {
  try {
    const url = new URL(/^https?:\/\//i.test(text) ? text : `https://${text}`);
    const host = (canonicalHost(url.hostname) ?? url.hostname).replace(/^www\./, '');
    const port = ['', '80', '443'].includes(url.port) ? '' : `:${url.port}`;
    const folder = decodeURIComponent(url.pathname)
      .replaceAll(/\/{2,}/g, '/')
      .replace(/\/$/, '');
    return { host: `${host}${port}`, folder };
  } catch {
    return undefined;
  }
}

export const sameUrl = (a?: string, b?: string): boolean => {
  const [one, two] = [a, b].map((text) => (text === undefined ? undefined : urlIdentity(text)));
  return one !== undefined && one.host === two?.host && one.folder === two.folder;
};

/** Whether an address is another one, or lies below it. */
export function liesBelow(address: string, other: string): boolean {
  const [one, two] = [urlIdentity(address), urlIdentity(other)];
  if (one === undefined || two === undefined || one.host !== two.host) return false;
  return one.folder === two.folder || one.folder.startsWith(`${two.folder}/`);
}
