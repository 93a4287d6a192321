import schema from '../../../../resources/understudy/schema/site.schema.json' with { type: 'json' };
import { type SchemaNode } from './schema-node.js';

/** The schema of site files: resources/understudy/schema/site.schema.json, where a key is added. */
export const siteSchema: SchemaNode = schema as SchemaNode;
