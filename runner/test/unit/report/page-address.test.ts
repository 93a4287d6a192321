import { expect, test } from '@jest/globals';
import path from 'node:path';
import { pageAddress } from '../../../src/report/page/page-address.js';

const file = path.resolve('.understudy/runs/acme/20261121T201500Z-3f9a1c/maintenance.html');
const artifact = '.understudy/runs/acme/20261121T201500Z-3f9a1c/maintenance.html';
const library = { UNDERSTUDY_PARAMETERS: '{}', BUILD_NUMBER: '41' };

test.each([
  ['a shell', {}, file],
  ['a build that runs the command by itself and may archive nothing', { BUILD_NUMBER: '41' }, file],
  ['a shell that gives parameters', { UNDERSTUDY_PARAMETERS: '{}' }, file],
  [
    'a build of the library',
    { ...library, BUILD_URL: 'https://ci.example/job/acme/41/' },
    `https://ci.example/job/acme/41/artifact/${artifact}`,
  ],
  ['a Jenkins that does not know its address', library, `the artifact ${artifact}`],
])('a page is named as anyone who reads can open it: %s', (_, environment, expected) => {
  expect(pageAddress(file, environment)).toBe(expected);
});
