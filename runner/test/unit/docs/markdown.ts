import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A fenced or indented block of code. */
export interface Block {
  /** `docs/tutorial.md:12`: the block's first line. */
  readonly at: string;
  /** What stands behind the fence; '' for none and for indented blocks. */
  readonly language: string;
  readonly text: string;
  /** The comment right above it, without its marks: `not run: needs an account`. */
  readonly comment: string;
}

interface Said {
  readonly at: string;
  readonly text: string;
}

export interface Page {
  readonly file: string;
  readonly blocks: readonly Block[];
  /** Targets of links as they are written. */
  readonly links: readonly Said[];
  /** Inline code. */
  readonly spans: readonly Said[];
  /** What `#…` may name, as GitHub makes it from headings. */
  readonly anchors: ReadonlySet<string>;
}

const FENCE = /^\s*(`{3,}|~{3,})\s*(\S*)/;
const INDENTED = /^ {4,}\S/;
const COMMENT = /^\s*<!--\s*(.*?)\s*-->\s*$/;

/** Letters, digits, `_` and `-` stay, spaces become `-`: https://github.com/gjtorikian/html-pipeline (toc_filter). */
const slug = (heading: string): string =>
  heading
    .replaceAll(/[`*]|\[(.*?)\]\(.*?\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

/** Reads a page: what is code, and what is said. */
export function readPage(file: string): Page {
  const lines = readFileSync(file, 'utf8').split('\n');
  const blocks: Block[] = [];
  const prose: Said[] = [];
  const anchors = new Set<string>();
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const fence = FENCE.exec(line);
    const isIndented = INDENTED.test(line) && (lines[index - 1] ?? '').trim() === '';
    if (fence !== null || isIndented) {
      const end = fence === null ? endOfIndented(lines, index) : endOfFence(lines, index, fence[1] ?? '');
      const text = lines.slice(fence === null ? index : index + 1, end).join('\n');
      blocks.push({
        at: `${file}:${String(index + 1)}`,
        language: fence?.[2] ?? '',
        text,
        comment: commentAbove(lines, index),
      });
      index = fence === null ? end - 1 : end;
      continue;
    }
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading !== undefined) addAnchor(anchors, slug(heading));
    prose.push({ at: `${file}:${String(index + 1)}`, text: line });
  }
  const spans = prose.flatMap(({ at, text }) =>
    [...text.matchAll(/(`+)(.+?)\1/g)].map(([, , code = '']) => ({ at, text: code.trim() })),
  );
  const links = prose.flatMap(({ at, text }) =>
    [...text.replaceAll(/(`+).+?\1/g, 'code').matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(
      ([, target = '']) => ({ at, text: target }),
    ),
  );
  return { file, blocks, links, spans, anchors };
}

function endOfFence(lines: readonly string[], start: number, mark: string): number {
  const end = lines.findIndex((line, index) => index > start && line.trim() === mark);
  if (end === -1) throw new Error(`the block at line ${String(start + 1)} has no end`);
  return end;
}

function endOfIndented(lines: readonly string[], start: number): number {
  const after = lines.findIndex((line, index) => index > start && line.trim() !== '' && !/^ {4}/.test(line));
  let end = after === -1 ? lines.length : after;
  while ((lines[end - 1] ?? '').trim() === '') end--;
  return end;
}

function commentAbove(lines: readonly string[], index: number): string {
  let above = index - 1;
  while (above >= 0 && (lines[above] ?? '').trim() === '') above--;
  return COMMENT.exec(lines[above] ?? '')?.[1] ?? '';
}

/** A heading that comes again gets `-1`, `-2`, … */
function addAnchor(anchors: Set<string>, wanted: string): void {
  let name = wanted;
  for (let count = 1; anchors.has(name); count++) name = `${wanted}-${String(count)}`;
  anchors.add(name);
}

/** README.md, CONTRIBUTING.md and every page below docs. */
export function readPages(): readonly Page[] {
  const below = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join('docs', name));
  return ['README.md', 'CONTRIBUTING.md', ...below.sort()].map(readPage);
}

/** The comment above a block of shell whose lines a test runs. */
export const RUN_BY = /^run by: ([\w-]+\.test\.ts)$/;

/** Lines of `understudy` in all blocks that a test says it runs, without the program's name and remarks, in order. */
export const linesRunBy = (test: string): readonly string[] =>
  readPages()
    .flatMap(({ blocks }) => blocks)
    .filter(({ comment }) => RUN_BY.exec(comment)?.[1] === test)
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.trim() !== '')
    .map((line) => line.replace(/^understudy /, '').replace(/\s*(?:#.*)?$/, ''));
