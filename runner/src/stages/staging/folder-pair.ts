import { type ReplacementPair } from '../../rewrite/index.js';

/** Folders that any tutorial and any container names: in a text they mean no one's site in particular. */
const COMMON =
  /^(?:\/|\/app|\/srv|\/home|\/www|\/web|\/htdocs|\/public_html|\/bitnami\/wordpress|\/opt\/bitnami\/wordpress|\/usr\/share\/(?:nginx\/html|wordpress)|\/var\/www(?:\/html|\/htdocs|\/public|\/wordpress)?|\/srv\/(?:www|http|html))$/;

const clean = (folder: string): string => `/${folder.split('/').filter(Boolean).join('/')}`;

/** WordPress' folder as PHP sees it on each side; undefined where a text with its common name may mean another. */
export function folderPair(
  production: string | undefined,
  staging: string | undefined,
): ReplacementPair | undefined {
  if (production === undefined || staging === undefined) return undefined;
  const [from, to] = [clean(production), clean(staging)];
  const segments = from.split('/').slice(1);
  const longest = Math.max(...segments.map((segment) => Buffer.byteLength(segment)));
  if (from === to || COMMON.test(from) || segments.length < 2 || longest < 4) return undefined;
  return { kind: 'path', from, to };
}
