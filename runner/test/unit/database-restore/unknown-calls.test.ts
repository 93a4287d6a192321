import { expect, test } from '@jest/globals';
import { callsIn } from '../../../src/database/restore/objects/unknown-calls.js';

test.each([
  ['select md5(`t`.`a`) AS `x`, `acme`.`own`(1) from `t`', ['MD5']],
  ["BEGIN SET @a = concat('md5(x)', sha1 (b)); /* crc32(c) */ CALL shop.report(1); END", ['CONCAT', 'SHA1']],
  ['', []],
])('of %s', (body, names) => {
  expect([...callsIn(body)]).toEqual(names);
});
