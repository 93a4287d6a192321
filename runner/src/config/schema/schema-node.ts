/** The part of JSON Schema draft-07 that site.schema.json uses. */
export interface SchemaNode {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly propertyNames?: SchemaNode;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
}

/** The node that `$ref` names; what stands beside the `$ref` wins. */
export function resolveNode(root: SchemaNode, node: SchemaNode): SchemaNode {
  if (node.$ref === undefined) return node;
  const name = node.$ref.replace('#/definitions/', '');
  const target = root.definitions?.[name];
  if (!target) throw new TypeError(`the schema has no definition ${name}`);
  const { $ref: _, ...siblings } = node;
  return { ...resolveNode(root, target), ...siblings };
}

/** What the schema says about the value at a place; undefined where it does not know the place. */
export function nodeAt(root: SchemaNode, path: readonly (string | number)[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    if (node === undefined) return undefined;
    if (typeof step === 'number') node = node.items;
    else {
      const rest: SchemaNode['additionalProperties'] = node.additionalProperties;
      const known: SchemaNode | undefined = Object.hasOwn(node.properties ?? {}, step)
        ? node.properties?.[step]
        : undefined;
      node = known ?? (typeof rest === 'object' ? rest : undefined);
    }
    if (node !== undefined) node = resolveNode(root, node);
  }
  return node;
}
