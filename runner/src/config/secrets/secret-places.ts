import { nodeAt, type SchemaNode } from '../schema/schema-node.js';
import { siteSchema } from '../schema/site-schema.js';

type Path = readonly (string | number)[];

/** Keys that people give secrets, whether or not the schema knows them. */
export const SECRET_KEY = /(pass(word|wd|phrase)?|pwd|secret|token|api-?key|private-?key|credentials?)$/i;

const isSecretNode = (node: SchemaNode | undefined): boolean =>
  /^(Secret(Text|Key|Login)|HeaderValue)$/.test(node?.title ?? '');

/** How many steps of a path lead to the first place that is made for a secret; undefined where there is none on the way. */
function secretDepth(path: Path): number | undefined {
  const depth = path.findIndex((_, index) => isSecretNode(nodeAt(siteSchema, path.slice(0, index + 1))));
  return depth < 0 ? undefined : depth + 1;
}

/** Whether a value at this place may be a secret: at a key that is made for one, in it, or at one that is not known. */
export const mayBeSecret = (path: Path): boolean =>
  secretDepth(path) !== undefined ||
  nodeAt(siteSchema, path) === undefined ||
  path.some((step) => typeof step === 'string' && SECRET_KEY.test(step));

/**
 * The part of a path that may be shown. A secret that was written in place of a reference, or without the blank behind
 * its colon (`password:hunter2`), is a key for YAML: it ends before such a key.
 */
export function shownPath(path: Path): Path {
  const secret = secretDepth(path);
  const hidden = path.findIndex((step, index) => {
    if (typeof step === 'number' || nodeAt(siteSchema, path.slice(0, index + 1)) !== undefined) return false;
    return (secret !== undefined && index >= secret) || !/^[\w-]{1,40}$/.test(step);
  });
  return hidden < 0 ? path : path.slice(0, hidden);
}
