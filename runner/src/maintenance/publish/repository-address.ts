import { UnderstudyError } from '../../errors/index.js';

/** `publish.repository`, taken apart. */
export type RepositoryAddress =
  | {
      readonly kind: 'ssh';
      readonly user: string;
      readonly host: string;
      readonly port: number;
      /** As the server gets it: with a slash in front where the address is `ssh://…`. */
      readonly path: string;
      /** `git@host:path`, where the path is relative to the account's home. */
      readonly short: boolean;
    }
  | {
      readonly kind: 'http';
      readonly protocol: 'https' | 'http';
      readonly origin: string;
      readonly path: string;
    }
  | { readonly kind: 'file'; readonly path: string };

/** @throws PUBLISH_NOT_CONFIGURED for another form than those of the schema */
export function parseRepository(text: string): RepositoryAddress {
  const ssh = /^ssh:\/\/(?:([\w.-]+)@)?([\w.-]+)(?::(\d+))?(\/.+)$/.exec(text);
  if (ssh)
    return {
      kind: 'ssh',
      user: ssh[1] ?? 'git',
      host: ssh[2] ?? '',
      port: Number(ssh[3] ?? 22),
      path: ssh[4] ?? '',
      short: false,
    };
  const short = /^([\w][\w.-]*)@([\w][\w.-]*):(.+)$/.exec(text);
  if (short)
    return {
      kind: 'ssh',
      user: short[1] ?? '',
      host: short[2] ?? '',
      port: 22,
      path: short[3] ?? '',
      short: true,
    };
  if (/^file:\/\/\/./.test(text)) return { kind: 'file', path: text.slice('file://'.length) };
  const web = /^(https|http):\/\/([\w.-]+(?::\d+)?)(\/.+)$/.exec(text);
  if (web && (web[1] === 'https' || /^127\.|^localhost\b/.test(web[2] ?? '')))
    return {
      kind: 'http',
      protocol: web[1] === 'https' ? 'https' : 'http',
      origin: `${web[1] ?? ''}://${web[2] ?? ''}`,
      path: web[3] ?? '',
    };
  throw new UnderstudyError(
    'PUBLISH_NOT_CONFIGURED',
    `publish.repository is no address of a repository: ${text}.`,
  );
}

/** Where people look at a repository; undefined where its address has no place on the web. */
export function webAddressOf(text: string): string | undefined {
  const [, host, path] =
    /^(?:ssh:\/\/)?(?:[\w.-]+@)?([\w.-]+)(?::\d+\/|[:/])(.+)$/.exec(text.replace(/^https:\/\//, '')) ?? [];
  if (host === undefined || path === undefined || /^(?:file|http):/.test(text)) return undefined;
  return `https://${host.replace(/^ssh\.github\.com$/, 'github.com')}/${path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')}`;
}

export interface GitHubRepository {
  readonly api: string;
  readonly owner: string;
  readonly name: string;
}

/** Which repository of which API takes pull requests. @throws PUBLISH_NOT_CONFIGURED where the address does not say */
export function gitHubRepository(address: RepositoryAddress, api?: string): GitHubRepository {
  const parts = address.path
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
    .split('/');
  const [name, owner] = [parts.at(-1), parts.at(-2)];
  const host =
    address.kind === 'ssh' ? address.host : address.kind === 'http' ? new URL(address.origin).host : '';
  const base =
    api ??
    (host === 'github.com' || host === 'ssh.github.com'
      ? 'https://api.github.com'
      : `https://${host}/api/v3`);
  if (!name || !owner || (api === undefined && host === ''))
    throw new UnderstudyError(
      'PUBLISH_NOT_CONFIGURED',
      'publish.repository has no owner and name, so no pull request can be opened.',
    );
  return { api: base.replace(/\/+$/, ''), owner, name };
}
