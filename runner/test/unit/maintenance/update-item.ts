import { type UpdateItem } from '../../../src/maintenance/maintenance-record.js';

/** A plugin that was updated, or what a test makes of it. */
export const item = (more: Partial<UpdateItem>): UpdateItem => ({
  kind: 'plugin',
  slug: 'shop',
  title: 'Shop <b>',
  from: '5.3',
  offered: '5.3.1',
  to: '5.3.1',
  state: 'updated',
  evidence: [],
  seconds: 3,
  ...more,
});
