// The licences of the libraries in the bundle: they ask to travel with every copy.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @param {{ inputs: Record<string, unknown> }} metafile of esbuild
 * @param {string} top the repository
 * @returns {{ name: string, version: string, licence: string, text: string }[]} by name and version
 */
export function bundledLibraries(metafile, top) {
  const folders = new Set(
    Object.keys(metafile.inputs).flatMap(
      (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [],
    ),
  );
  return [...folders]
    .map((folder) => library(path.join(top, folder)))
    .sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

function library(folder) {
  const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const { name, version } = about;
  // Old packages have a list.
  const license = about.license ?? about.licenses?.map(({ type }) => type).join(' OR ');
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  const text = files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n');
  if (typeof license !== 'string') throw new Error(`${name} does not say under which licence it is`);
  return { name, version, licence: license, text: text || shortText(folder, license, about.author) };
}

/** A few packages bring no text: what their README says, else the licence's name and the author's. */
function shortText(folder, license, author) {
  const readme = readdirSync(folder).find((file) => /^readme/i.test(file));
  const said =
    readme && /^#+\s*licen[cs]e[\s\S]*/im.exec(readFileSync(path.join(folder, readme), 'utf8'))?.[0];
  const name = author?.name ?? author;
  return (said ?? `${license}${name === undefined ? '' : `, by ${name}`}`).trim();
}

/** @returns {string} one section for each text; libraries with the same text share one */
export function licencesText(libraries) {
  const byText = new Map();
  for (const one of libraries) byText.set(one.text, [...(byText.get(one.text) ?? []), one]);
  const sections = [...byText].map(([text, group]) => {
    const names = group.map(({ name, version, licence }) => `${name} ${version} (${licence})`);
    return `${names.join('\n')}\n\n${text.replace(/\r\n?/g, '\n')}\n`;
  });
  const line = `\n${'-'.repeat(78)}\n\n`;
  return `Libraries in resources/understudy/runner.cjs, and their licences.\n${line}${sections.join(line)}`;
}

/** The same as a comment at the end of a program, in ASCII: other characters as PHP and JavaScript write them. */
export function licencesComment(text) {
  const ascii = text.replace(/[^\0-\x7f]/g, (letter) =>
    letter === '©' ? '(c)' : `\\u{${letter.codePointAt(0).toString(16)}}`,
  );
  return `/*!\n${ascii.replaceAll('*/', '* /')}*/\n`;
}

export const LICENCES = 'THIRD-PARTY-LICENSES';
