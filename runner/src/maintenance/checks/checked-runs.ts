import { documentValidator, readDocument } from '../../config/schema/document-validator.js';
import * as json from '../../config/schema/shapes.js';
import { checkRun } from './check-result.js';

const checkedRuns = json.record({ baseline: checkRun, final: checkRun });
/** The checks before and after the updates: with the record, all that the report is made of. */
export type CheckedRuns = json.ShapeOf<typeof checkedRuns>;

const validate = documentValidator(checkedRuns);

/** @param refuse throws what the caller makes of bytes that are no checks: they lay on a host */
export const parseCheckedRuns = (bytes: Buffer, refuse: (why: string) => never): CheckedRuns =>
  readDocument(bytes, validate, refuse);
