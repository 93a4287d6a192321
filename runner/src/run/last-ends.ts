import { readFileSync } from 'node:fs';
import path from 'node:path';
import { documentValidator, readDocument } from '../config/schema/document-validator.js';
import * as json from '../config/schema/shapes.js';
import { within } from '../hosts/deferred.js';
import { type WritingHost } from '../hosts/host.js';
import { readHostFile, writeHostFile } from '../hosts/host-files.js';
import { keepFile } from './keep-file.js';
import { replaceFile } from './workspace.js';

/**
 * Where `ends.json` lies: in the workspace and, so that another agent knows it too, in staging's work folder. Untrusted
 * there like every file on a host: it decides nothing but whether a message is sent.
 */
export interface EndsPlace {
  readonly workspace: string;
  readonly site: string;
  /** Undefined where staging could not be reached. */
  readonly staging?: { readonly host: WritingHost; readonly workDir: string } | undefined;
}

/** Bytes. */
const LARGEST = 64 * 1024;
/** What a dead connection may cost at the end of a command. */
const PATIENCE_MS = 15_000;

const word = json.text(2000);
const lastEnd = json.record({
  state: json.oneOf('complete', 'failed', 'aborted'),
  /** ISO 8601, UTC. */
  at: word,
  /** '' where it ended before it had a run. */
  run: word,
  /** Address of the Jenkins build; '' without one. */
  build: word,
});
const ends = json.mapOf(lastEnd, 50);
/** How one kind of work (sync, update, promote …) ended the last time. */
export type LastEnd = json.ShapeOf<typeof lastEnd>;
export type LastEnds = json.ShapeOf<typeof ends>;

const validate = documentValidator(json.record({ version: json.constant(1), ends }));

const refuse = (why: string): never => {
  throw new Error(why);
};
const fileHere = ({ workspace, site }: EndsPlace): string => path.resolve(workspace, site, 'ends.json');

/** The newest of each kind of work from both places. Never fails: what cannot be read is not known. */
export async function readLastEnds(place: EndsPlace): Promise<LastEnds> {
  const [here, there] = [endsHere(place), (await within(PATIENCE_MS, endsOnStaging(place))) ?? {}];
  const ends: Record<string, LastEnd> = { ...here };
  for (const [work, end] of Object.entries(there)) if ((here[work]?.at ?? '') <= end.at) ends[work] = end;
  return ends;
}

function endsHere(place: EndsPlace): LastEnds {
  try {
    return readDocument(readFileSync(fileHere(place)), validate, refuse).ends;
  } catch {
    return {};
  }
}

async function endsOnStaging({ staging }: EndsPlace): Promise<LastEnds> {
  if (staging === undefined) return {};
  try {
    const file = `${staging.workDir}/ends.json`;
    const bytes = await readHostFile(staging.host, file, { refuse, maxBytes: LARGEST });
    return bytes === undefined ? {} : readDocument(bytes, validate, refuse).ends;
  } catch {
    return {};
  }
}

/**
 * Notes an end in both places. Never fails. On staging only where the work folder exists: what was refused as staging may
 * be production.
 */
export async function noteLastEnd(
  place: EndsPlace,
  known: LastEnds,
  work: string,
  end: LastEnd,
): Promise<void> {
  const document = `${JSON.stringify({ version: 1, ends: { ...known, [work]: end } })}\n`;
  keepFile(() => {
    replaceFile(fileHere(place), document);
  });
  const { staging } = place;
  if (staging === undefined) return;
  const writing = writeHostFile(staging.host, `${staging.workDir}/ends.json`, document, 'existing folder');
  await within(
    PATIENCE_MS,
    writing.catch(() => undefined),
  );
}
