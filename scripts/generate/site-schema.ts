import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SchemaNode } from '../../runner/src/config/schema/schema-node.js';

export const TOP = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const SCHEMA_FILE = 'resources/understudy/schema/site.schema.json';

export const readSiteSchema = (): SchemaNode =>
  JSON.parse(readFileSync(path.join(TOP, SCHEMA_FILE), 'utf8')) as SchemaNode;
