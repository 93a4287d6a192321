import { type ErrorObject } from 'ajv';
import { FORMATS } from '../formats/index.js';
import { type Mapping, mappingOf, type KeyPath } from '../mapping.js';
import { type Complaint } from '../problem.js';
import { resolveNode, type SchemaNode } from './schema-node.js';
import { NAME_THE_SECRET } from '../rules/inline-secrets.js';
import { siteSchema } from './site-schema.js';
import { siteValidator } from './site-validator.js';
import { mayBeSecret } from '../secrets/secret-places.js';
import { nearest } from '../suggest.js';
import { kindOf } from '../load/yaml-surprises.js';

/** How a scalar stands in its file, to tell `0123` from 123. */
export type Written = (path: KeyPath) => { readonly text: string; readonly quoted: boolean } | undefined;

/**
 * What the schema says against a value. Defaults are filled into `data`.
 * `required` keys are reported with the place of the mapping that lacks them.
 */
export function validateSite(data: Mapping, written: Written): { complaint: Complaint; keyword: string }[] {
  const validate = siteValidator();
  if (validate(data)) return [];
  return (validate.errors ?? [])
    .filter((error) => error.keyword !== 'propertyNames')
    .map((error) => ({ keyword: error.keyword, complaint: describe(data, error, written) }));
}

function pathOfPointer(root: unknown, pointer: string): (string | number)[] {
  let node = root;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(node) ? Number(key) : key;
      node = (node as Record<string | number, unknown> | undefined)?.[step];
      return step;
    });
}

/** Secrets are validated like everything else, but nothing of their value is ever shown. */
const isSecretNode = (error: ErrorObject): boolean =>
  error.schemaPath.startsWith('#/definitions/secret') ||
  /Secret(Text|Key|Login)|HeaderValue/.test(String((error.parentSchema as SchemaNode | undefined)?.title));
const SECRET_IN_FILE = {
  message: 'The file contains a secret. Site files only say where a secret is found.',
  suggestion: NAME_THE_SECRET,
};
/** A path is no secret, and what it should look like is plain. */
const PATH_FOR_SECRET = {
  message: 'A reference is expected, not a path.',
  suggestion: 'write { file: <that path> }',
};
const isPath = (value: unknown): boolean =>
  typeof value === 'string' && /^(?:~|\.{1,2})?\/(?:[\w.@-]+\/)*[\w.@-]*$/.test(value);

function describe(data: Mapping, error: ErrorObject, written: Written): Complaint {
  const path = pathOfPointer(data, error.instancePath);
  const schema = (error.parentSchema ?? {}) as SchemaNode;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
      return isSecretNode(error) && nearest(String(params['additionalProperty']), SECRET_KEYS) === undefined
        ? {
            path: [...path, String(params['additionalProperty'])],
            atKey: true,
            hidesKey: true,
            ...SECRET_IN_FILE,
          }
        : unknownKey(path, String(params['additionalProperty']), schema, error.data);
    case 'required':
      return { path, message: `The key ${String(params['missingProperty'])} is missing.` };
    case 'type':
      return wrongType(path, error, schema, written);
    case 'enum':
      return wrongChoice(path, error.data, schema, written);
    case 'format':
      return wrongFormat(path, error, params);
    default:
      return { path, message: `${sentenceOf(error)}.` };
  }
}

function wrongFormat(path: KeyPath, error: ErrorObject, params: Record<string, unknown>): Complaint {
  const complaint = FORMATS[String(params['format'])]?.(String(error.data)) ?? 'is not well-formed';
  if (error.propertyName !== undefined)
    return { path: [...path, error.propertyName], message: `The key ${complaint}.`, atKey: true };
  return { path, message: `The value ${complaint}.` };
}

const SECRET_KEYS = ['credential', 'kind', 'env', 'file'];

function unknownKey(path: KeyPath, key: string, schema: SchemaNode, data: unknown): Complaint {
  const known = Object.keys(schema.properties ?? {});
  const near = nearest(key, known);
  const elsewhere = near === undefined ? placesOf(key) : [];
  return {
    path: [...path, key],
    atKey: true,
    // `{hunter2}` is a key without a value.
    hidesKey: near === undefined && (mappingOf(data)[key] ?? null) === null,
    message: 'The key is unknown.',
    suggestion:
      near !== undefined
        ? `did you mean ${near}?`
        : elsewhere.length > 0
          ? `it belongs at ${elsewhere.slice(0, 3).join(' or ')}`
          : `known here: ${known.join(', ')}`,
  };
}

function wrongType(path: KeyPath, error: ErrorObject, schema: SchemaNode, written: Written): Complaint {
  const types = [schema.type ?? []].flat();
  if (isSecretNode(error) && typeof error.data !== 'object')
    return { path, ...(isPath(error.data) ? PATH_FOR_SECRET : SECRET_IN_FILE) };
  const source = written(path);
  if (types.includes('string') && source && !source.quoted && source.text !== '' && !isSecretNode(error)) {
    const complaint = FORMATS[schema.format ?? '']?.(source.text);
    if (complaint !== undefined) return { path, message: `The value ${complaint}.` };
    if (mayBeSecret(path))
      return {
        path,
        message: `YAML does not read this as text.`,
        suggestion: 'put it in quotes, or, where it is a secret, write {env: <NAME>} and rotate it',
      };
    return {
      path,
      message: `YAML reads ${source.text} as ${kindOf(error.data)}; text is expected.`,
      suggestion: `write '${source.text}' in quotes`,
    };
  }
  if (error.data === null)
    return { path, message: 'The key has no value.', suggestion: 'give it one, or remove the line' };
  if (typeof error.data === 'string' && source) {
    const meant = types.includes('boolean') ? booleanMeantBy(source.text) : undefined;
    if (meant !== undefined)
      return { path, message: 'true or false is expected.', suggestion: `write ${meant}` };
    if (/integer|number/.test(types.join()) && /^\d+$/.test(source.text))
      return {
        path,
        message: 'A number is expected, without quotes.',
        suggestion: 'remove the quotes',
      };
  }
  return { path, message: `${article(types)} is expected.` };
}

const booleanMeantBy = (text: string): string | undefined =>
  /^(yes|on|y|true)$/i.test(text) ? 'true' : /^(no|off|n|false)$/i.test(text) ? 'false' : undefined;

function wrongChoice(path: KeyPath, data: unknown, schema: SchemaNode, written: Written): Complaint {
  const choices = (schema.enum ?? []).map(String);
  const yesOrNo = typeof data === 'string' && choices.includes('true') ? booleanMeantBy(data) : undefined;
  const near = yesOrNo ?? (typeof data === 'string' ? nearest(data, choices) : undefined);
  const source = written(path);
  if (source && !source.quoted && typeof data !== 'string' && choices.includes(source.text))
    return {
      path,
      message: `YAML reads ${source.text} as ${kindOf(data)}; text is expected.`,
      suggestion: `write '${source.text}' in quotes`,
    };
  return {
    path,
    message: `The value must be one of: ${choices.join(', ')}.`,
    ...(near === undefined ? {} : { suggestion: `did you mean ${near}?` }),
  };
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping of keys to values',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};
function article(types: readonly string[]): string {
  const text = types.map((type) => NAMES[type] ?? type).join(' or ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentenceOf(error: ErrorObject): string {
  const { limit } = error.params as { limit?: number };
  switch (error.keyword) {
    case 'minimum':
      return `The number must be at least ${String(limit)}`;
    case 'maximum':
      return `The number must be at most ${String(limit)}`;
    case 'minLength':
      return limit === 1 ? 'The text is empty' : `The text must have at least ${String(limit)} characters`;
    case 'maxLength':
      return `The text must have at most ${String(limit)} characters`;
    case 'minItems':
      return 'The list is empty';
    default:
      return `The value ${error.message ?? 'is wrong'}`;
  }
}

let places: Map<string, string[]> | undefined;
/** Where in the schema a key is known, as dotted paths. */
function placesOf(key: string): readonly string[] {
  if (!places) {
    places = new Map();
    collectPlaces(siteSchema, '', places);
  }
  return places.get(key) ?? [];
}
function collectPlaces(node: SchemaNode, prefix: string, into: Map<string, string[]>): void {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    into.set(key, [...(into.get(key) ?? []), path]);
    if (path.split('.').length < 4) collectPlaces(resolveNode(siteSchema, child), path, into);
  }
}
