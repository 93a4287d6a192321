import { isMap, isScalar, visit, type Document, type Node, type Pair, type Scalar } from 'yaml';
import { BIDI_CONTROLS, hiddenCharacters } from '../formats/text.js';
import { type KeyPath } from '../mapping.js';
import { formatKey } from '../problem.js';
import { nodeAt, type SchemaNode } from '../schema/schema-node.js';
import { siteSchema } from '../schema/site-schema.js';
import { mayBeSecret } from '../secrets/secret-places.js';

export interface Surprise {
  readonly offset: number;
  readonly key: string;
  readonly message: string;
  readonly suggestion?: string;
}

/** What YAML 1.1 readers (Jenkins, Ruby, Python) take for something else than text. */
const OTHER_IN_YAML_1_1: readonly (readonly [RegExp, string])[] = [
  [/^(y|yes|n|no|on|off)$/i, 'true or false'],
  [/^\d{4}-\d\d?-\d\d?([Tt ].*)?$/, 'a date'],
  [/^[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?$/, 'a number in base 60'],
  [/^[-+]?(0b[01_]+|0o?[0-7_]+|0x[\dA-F_]+|\d[\d_]*\d)$/i, 'a number'],
];

const expectsText = (node: SchemaNode | undefined): boolean =>
  node?.type === 'string' || (Array.isArray(node?.type) && node.type.includes('string'));

/** Values and keys that are not what the author sees: hidden characters, quotes that are missing. */
export function yamlSurprises(document: Document.Parsed, text: string): Surprise[] {
  const found: Surprise[] = [];
  const bidi = BIDI_CONTROLS.exec(text);
  if (bidi)
    found.push({
      offset: bidi.index,
      key: '',
      message: 'This line contains a character that changes the direction of text.',
      suggestion: 'remove it: the line is not what it looks like',
    });
  visit(document, {
    Scalar: (role, node, ancestors) => {
      const path = pathOf(ancestors, role, node);
      const surprise = role === 'key' ? keySurprise(node, path) : valueSurprise(node, path);
      if (surprise) found.push({ offset: node.range?.[0] ?? 0, key: formatKey(path), ...surprise });
    },
    Pair: (_, pair) => {
      if (isScalar(pair.key) || pair.key === null) return;
      found.push({
        offset: (pair.key as Node).range?.[0] ?? 0,
        key: '',
        message: 'A key has to be one word, not a list, a mapping or an alias.',
      });
    },
  });
  return found;
}

type Finding = Omit<Surprise, 'offset' | 'key'>;

function keySurprise(node: Scalar, path: KeyPath): Finding | undefined {
  if (typeof node.value !== 'string') {
    if (node.source === '<<' || typeof node.value === 'symbol') return undefined;
    if (mayBeSecret(path.slice(0, -1)))
      return { message: 'YAML reads a key here as something else than text.', suggestion: NOT_SHOWN };
    return {
      message: `YAML reads the key ${node.source ?? ''} as ${kindOf(node.value)}.`,
      suggestion: `write '${node.source ?? ''}' in quotes`,
    };
  }
  const hidden = hiddenCharacters(node.value);
  return hidden === undefined ? undefined : { message: `The key ${hidden}.` };
}

const NOT_SHOWN = 'it is not shown because it may be a secret; if it is not, put it in quotes';

function valueSurprise(node: Scalar, path: KeyPath): Finding | undefined {
  if (typeof node.value === 'number' && node.source !== undefined && isOddNumber(node.source)) {
    if (mayBeSecret(path))
      return { message: 'YAML reads this as another number than it looks like.', suggestion: NOT_SHOWN };
    return expectsText(nodeAt(siteSchema, path))
      ? undefined // Reported by validation, with the same words.
      : {
          message: `YAML reads ${node.source} as the number ${String(node.value)}.`,
          suggestion: `write ${String(node.value)}, if that is meant`,
        };
  }
  if (typeof node.value !== 'string') return undefined;
  const hidden = hiddenCharacters(node.value);
  if (hidden !== undefined)
    return { message: `The text ${hidden}.`, suggestion: 'write it on one line, with visible characters' };
  if (node.type !== 'PLAIN' || !expectsText(nodeAt(siteSchema, path))) return undefined;
  const other = OTHER_IN_YAML_1_1.find(([pattern]) => pattern.test(node.value as string));
  if (other !== undefined && mayBeSecret(path))
    return { message: `Other YAML readers take this for ${other[1]}.`, suggestion: NOT_SHOWN };
  return (
    other && {
      message: `Other YAML readers take ${node.value} for ${other[1]}.`,
      suggestion: `write '${node.value}' in quotes`,
    }
  );
}

/** `0123`, `1e3`, `0x10`, `+5`, `.inf`: not how a person writes a number in a site file. */
const isOddNumber = (source: string): boolean =>
  !/^(0|-?[1-9]\d{0,14})(\.\d+)?$/.test(source) && !/^-?0\.\d+$/.test(source);

export const kindOf = (value: unknown): string =>
  value === null
    ? 'nothing'
    : typeof value === 'boolean'
      ? String(value)
      : typeof value === 'number'
        ? `the number ${String(value)}`
        : typeof value === 'object'
          ? 'a list or mapping'
          : 'text';

function pathOf(ancestors: readonly unknown[], role: unknown, node: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  const chain = [...ancestors, node];
  for (const [index, ancestor] of chain.entries()) {
    const child = chain[index + 1];
    if (isMap(ancestor)) {
      const key = (child as Pair | undefined)?.key;
      if (isScalar(key)) path.push(String(key.source ?? key.value));
    } else if (child !== undefined && isSequence(ancestor)) path.push(ancestor.items.indexOf(child));
  }
  return role === 'key' ? path : path;
}
const isSequence = (node: unknown): node is { items: unknown[] } =>
  typeof node === 'object' && node !== null && 'items' in node && !isMap(node);
