import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StderrMarks } from '../../../src/hosts/process/process-streams.js';

const through = (pieces: string[]): { own: string; marks: string[] } => {
  const marks: string[] = [];
  const filter = new StderrMarks('understudy-1f', (text) => marks.push(text));
  const own = pieces.map((piece) => filter.push(Buffer.from(piece)).toString()).join('');
  return { own: own + filter.flush().toString(), marks };
};

test.each([
  ['understudy-1f pid 12 34\nwarning\n', 'warning\n', ['pid 12 34']],
  ['no newline before: understudy-1f timeout\n', 'no newline before: ', ['timeout']],
  [
    'rc file says hi\nunderstudy-1f pid 1 2\nunderstudy-1f timeout\n',
    'rc file says hi\n',
    ['pid 1 2', 'timeout'],
  ],
  ['understudy-2e pid 1 2\n', 'understudy-2e pid 1 2\n', []],
  ['understudy-1', 'understudy-1', []],
])('%j', (text, own, marks) => {
  expect(through([text])).toEqual({ own, marks });
});

test('wherever the stream is cut, the result is the same', () => {
  const text = 'before\nunderstudy-1f pid 12 34\nunderstudy-1 middle\nunderstudy-1f timeout\nafter';
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).map((end, i) => text.slice(at[i], end));
      expect(through(pieces)).toEqual({
        own: 'before\nunderstudy-1 middle\nafter',
        marks: ['pid 12 34', 'timeout'],
      });
    }),
  );
});
