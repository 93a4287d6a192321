import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
const { layers } = createRequire(import.meta.url)(path.join(top, 'runner/layers.cjs')) as {
  layers: string[][];
};

test('the map of docs/architecture.md is the import rule, and every folder is on it', () => {
  const text = readFileSync(path.join(top, 'docs/architecture.md'), 'utf8');
  const table = text.slice(text.indexOf('| folders | know |'), text.indexOf('## A sync'));
  const rows = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].map(([, names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).sort(),
  );
  expect(rows).toEqual(layers.map((folders) => [...folders].sort()).reverse());
  const folders = readdirSync(path.join(top, 'runner/src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.sort()).toEqual(rows.flat().sort());
});

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('every place that %s names exists', (page) => {
  const text = readFileSync(path.join(top, page), 'utf8');
  const places = [...text.matchAll(/`([a-z]+\/[\w./-]*)`/g)].map(([, place = '']) => place);
  expect(places.length).toBeGreaterThan(10);
  const bases = ['', 'runner/src', 'docs'].map((base) => path.join(top, base));
  expect(places.filter((place) => !bases.some((base) => existsSync(path.join(base, place))))).toEqual([]);
});
