import { randomBytes } from 'node:crypto';
import { RUN_ID } from '../config/schema/shapes.js';
import { UnderstudyError } from '../errors/index.js';

/** `20261121T201500Z-3f9a1c`: sorts by time, is a safe file name, and is the same in no two runs. */
export function createRunId(now: Date = new Date()): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

export const isRunId = (text: string): boolean => new RegExp(RUN_ID).test(text);

/** For ids that came from outside: they become part of paths. */
export function assertRunId(text: string): string {
  if (!isRunId(text)) {
    throw new UnderstudyError('USAGE', `${JSON.stringify(text.slice(0, 60))} is not a run id.`, {
      next: 'A run id looks like 20261121T201500Z-3f9a1c; understudy runs <site> lists them.',
    });
  }
  return text;
}
