import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { UnderstudyError } from '../../errors/index.js';
import { buildSite } from './build-site.js';
import { checkFile, type CheckedFile, checkMerged } from './check-file.js';
import { type DraftSite } from './draft.js';
import { listOf, mappingOf, textOf } from '../mapping.js';
import { configInvalid, type Problem, sortProblems } from '../problem.js';
import { placeComplaint, readYaml, whole } from './read-yaml.js';
import { LARGEST_SCRUB_FILE, PlainFileError, readPlainFile } from './read-plain-file.js';
import { PAIR_RULES, RULES } from '../rules/index.js';
import { classifyFileName, siteNameComplaint } from '../rules/site-name.js';
import { type Site } from '../site.js';
import { nearest } from '../suggest.js';

export interface LoadedSites {
  /** Sites without problems, by name. */
  readonly sites: Site[];
  /** Everything that is wrong in all files, by file and place. */
  readonly problems: Problem[];
}

interface Candidate {
  readonly name: string;
  readonly file: CheckedFile;
  readonly draft: DraftSite;
  readonly text: string;
  readonly problems: Problem[];
}

const DEFAULTS = '_defaults.yaml';
/** Bytes. Some hundred times what a site needs. */
const LARGEST_SITE_FILE = 1_000_000;

/** Reads, validates and checks every site file of a folder, together with its `_defaults.yaml`. */
export async function loadSites(folder: string): Promise<LoadedSites> {
  const { candidates, problems, defaults, defaultsText } = await readFolder(folder);
  checkPairs(candidates, defaults);
  const broken = defaults.problems.length > 0;
  const sites: Site[] = [];
  for (const candidate of candidates) {
    problems.push(...candidate.problems);
    if (broken || candidate.problems.length > 0) continue;
    const scrubText = await readScrubFiles(folder, candidate);
    problems.push(...scrubText.problems);
    if (scrubText.problems.length > 0) continue;
    const digest = sha256(candidate.text, defaultsText, ...scrubText.texts);
    sites.push(buildSite(candidate.draft, path.join(folder, `${candidate.name}.yaml`), digest));
  }
  return { sites, problems: sortProblems([...defaults.problems, ...problems]) };
}

/**
 * One site; its problems, those of the defaults, and those it has with its neighbours.
 * Mistakes in other sites' files do not stop it.
 * @throws CONFIG_INVALID with every problem, SITE_UNKNOWN
 */
export async function loadSite(folder: string, name: string): Promise<Site> {
  const complaint = siteNameComplaint(name);
  if (complaint !== undefined) throw new UnderstudyError('SITE_UNKNOWN', `The name given ${complaint}.`);
  const { sites, problems } = await loadSites(folder);
  const own = [`${name}.yaml`, DEFAULTS].map((file) => path.join(folder, file));
  const mine = problems.filter((problem) => own.includes(problem.file));
  if (mine.length > 0) throw configInvalid(mine);
  const site = sites.find((candidate) => candidate.name === name);
  if (site) return site;
  const known = sites.map((candidate) => candidate.name);
  const near = nearest(name, known);
  throw new UnderstudyError('SITE_UNKNOWN', `There is no file ${path.join(folder, `${name}.yaml`)}.`, {
    details: near === undefined ? known.slice(0, 20) : [`Did you mean ${near}?`],
  });
}

async function readFolder(folder: string): Promise<{
  candidates: Candidate[];
  problems: Problem[];
  defaults: CheckedFile;
  defaultsText: string;
}> {
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw new UnderstudyError('SITES_FOLDER_MISSING', `The folder ${folder} cannot be read.`, { cause });
  });
  const candidates: Candidate[] = [];
  const problems: Problem[] = [];
  const read = (file: string): Promise<string | undefined> =>
    readPlainFile(file, { maxBytes: LARGEST_SITE_FILE, within: folder }).then(
      (bytes) => {
        if (isUtf8(bytes)) return bytes.toString('utf8');
        const message = 'The file is not UTF-8 text.';
        problems.push({ file, ...placeOfBadByte(bytes), key: '', message, suggestion: 'save it as UTF-8' });
        return undefined;
      },
      (cause: unknown) => {
        const why = cause instanceof PlainFileError ? `: ${cause.message}` : '';
        problems.push(whole(file, `The file cannot be read${why}.`));
        return undefined;
      },
    );
  const defaultsFile = path.join(folder, DEFAULTS);
  const defaultsText = (entries.includes(DEFAULTS) ? await read(defaultsFile) : undefined) ?? '';
  const defaults = checkFile(readYaml(defaultsFile, defaultsText));
  for (const entry of entries.sort()) {
    const kind = classifyFileName(entry);
    const file = path.join(folder, entry);
    if (kind.kind === 'wrong') {
      const { message, suggestion } = kind;
      problems.push({ ...whole(file, message), ...(suggestion === undefined ? {} : { suggestion }) });
    }
    if (kind.kind !== 'site') continue;
    const text = await read(file);
    if (text !== undefined) candidates.push(readCandidate(kind.name, file, text, defaults));
  }
  return { candidates, problems, defaults, defaultsText };
}

/** Of the first byte that is none of UTF-8: what is before it is the same when it is read leniently and written again. */
function placeOfBadByte(bytes: Buffer): { line: number; column: number } {
  const again = Buffer.from(bytes.toString('utf8'));
  const at = bytes.findIndex((byte, index) => byte !== again[index]);
  const lines = bytes.toString('utf8', 0, Math.max(0, at)).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

function readCandidate(name: string, path: string, text: string, defaults: CheckedFile): Candidate {
  const file = checkFile(readYaml(path, text));
  const { draft, problems } = checkMerged(name, file, defaults);
  const complaints = file.yaml.readable ? RULES.flatMap((rule) => rule(draft)) : [];
  return {
    name,
    file,
    draft,
    text,
    problems: [
      ...file.problems,
      ...problems,
      ...complaints.map((complaint) => placeComplaint([file.yaml, defaults.yaml], complaint)),
    ],
  };
}

function checkPairs(candidates: readonly Candidate[], defaults: CheckedFile): void {
  for (const candidate of candidates)
    for (const other of candidates) {
      if (other === candidate) continue;
      for (const rule of PAIR_RULES)
        for (const complaint of rule(candidate.draft, other.draft))
          candidate.problems.push(placeComplaint([candidate.file.yaml, defaults.yaml], complaint));
    }
}

/** The SQL files that a site names: they must exist, and they are part of what a resumed run must have unchanged. */
async function readScrubFiles(
  folder: string,
  candidate: Candidate,
): Promise<{ texts: string[]; problems: Problem[] }> {
  const files = listOf(mappingOf(mappingOf(candidate.draft.raw['staging'])['scrub'])['sql']);
  const texts: string[] = [];
  const problems: Problem[] = [];
  for (const [index, entry] of files.entries()) {
    const file = path.join(folder, textOf(entry) ?? '');
    try {
      texts.push(
        (await readPlainFile(file, { maxBytes: LARGEST_SCRUB_FILE, within: folder })).toString('utf8'),
      );
    } catch (cause) {
      const message =
        cause instanceof PlainFileError
          ? `The file cannot be read: ${cause.message}.`
          : 'There is no such file beside the site file.';
      problems.push(
        placeComplaint([candidate.file.yaml], { path: ['staging', 'scrub', 'sql', index], message }),
      );
    }
  }
  return { texts, problems };
}

function sha256(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${String(Buffer.byteLength(text))}:`).update(text);
  return hash.digest('hex');
}
