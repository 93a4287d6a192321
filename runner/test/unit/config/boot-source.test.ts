import { expect, test } from '@jest/globals';
import { problemLines, siteText } from './load-in-memory.js';

const lines = (maintenance: string): Promise<string[]> =>
  problemLines({ 'acme.yaml': siteText({}, {}, `maintenance: { ${maintenance} }`) });

test.each([
  ['repository', 'publish'],
  ['archive', 'archive'],
])('an instance refresh from the %s needs the section %s', async (source, section) => {
  expect(await lines(`instanceRefresh: true, instancesBootFrom: ${source}`)).toEqual([
    `acme.yaml:4:58 maintenance.instancesBootFrom: New instances take their code from the ${source}, and the section ${section} is missing. → add ${section}, or let instanceRefresh be false`,
  ]);
});

test.each([
  'instancesBootFrom: repository',
  'instanceRefresh: true, instancesBootFrom: image',
  'instanceRefresh: true',
])('no complaint about %s', async (maintenance) => {
  expect(await lines(maintenance)).toEqual([]);
});
