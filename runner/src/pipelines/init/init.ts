import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadSites } from '../../config/load/load-sites.js';
import { siteNameComplaint } from '../../config/rules/site-name.js';
import { UnderstudyError } from '../../errors/index.js';
import { type Console } from '../../report/terminal/console.js';
import { type Outcome } from '../../run/result.js';
import { type Dialog } from './dialog.js';
import { openInitSide, type SideQuestions } from './init-side.js';
import { mediaOf } from './find-wordpress.js';
import { type SideText, siteFileText, type SiteText } from './site-file-text.js';

export interface InitOptions {
  readonly name: string | undefined;
  readonly type: SiteText['type'];
  readonly production: SideQuestions;
  readonly staging: SideQuestions;
  /** Private key for both sides, a file of the runner. */
  readonly key: string | undefined;
  readonly sites: string;
}

/**
 * `understudy init`: asks, looks at both machines, and writes the shortest site file that validates. Reads alone; the one
 * thing that it writes is the site file, never over another one.
 * @throws USAGE where nobody can be asked and something was not given
 */
export async function createSiteFile(
  options: InitOptions,
  dialog: Dialog,
  tools: { readonly console: Console; readonly signal: AbortSignal },
): Promise<Outcome> {
  const { console } = tools;
  const name = options.name ?? (await dialog.ask('Name of the site', { flag: '<name>', example: 'acme' }));
  const file = newFile(options.sites, name);
  const shared = { key: options.key, ...tools, dialog, site: name, type: options.type };
  const production = await openInitSide('production', options.production, shared);
  try {
    const staging = await openInitSide('staging', options.staging, shared);
    try {
      // Which folders are media, WordPress says.
      const media = options.type === 'php' ? undefined : await mediaOf(production.host, production.text.path);
      const text = siteFileText({
        type: options.type,
        production: production.text,
        staging: staging.text,
        media,
      });
      await writeValid(options.sites, file, text);
      console.line(`✓ ${file} written:`);
      console.block(text.replace(/^(?=.)/gm, '    '));
      const next = nextLines(name, staging.isPrepared, [production.text, staging.text]);
      for (const line of next) console.line(line);
      console.data({ file, text });
      return { run: '', summary: `${file} is written and valid.` };
    } finally {
      await staging.host.close();
    }
  } finally {
    await production.host.close();
  }
}

/** @throws USAGE when there is one, or when the name is invalid */
function newFile(sites: string, name: string): string {
  const complaint = siteNameComplaint(name);
  if (complaint !== undefined) throw new UnderstudyError('USAGE', `The name given ${complaint}.`);
  const file = path.join(sites, `${name}.yaml`);
  if (existsSync(file)) throw neverOver(file);
  return file;
}

const neverOver = (file: string): UnderstudyError =>
  new UnderstudyError('USAGE', `${file} exists; it is never written over.`, {
    next: 'Give another name, or change that file.',
  });

/** @throws USAGE when a file of that name is there; CONFIG_INVALID, and the file is gone, when it does not validate */
async function writeValid(sites: string, file: string, text: string): Promise<void> {
  mkdirSync(sites, { recursive: true });
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw neverOver(file);
    throw new UnderstudyError('USAGE', `${file} cannot be written.`, {
      next: 'Name a folder that can be written: --sites <folder>',
      cause,
    });
  }
  const { problems } = await loadSites(sites);
  const own = problems.filter((problem) => problem.file === file);
  if (own.length === 0) return;
  rmSync(file);
  throw new UnderstudyError(
    'CONFIG_INVALID',
    'The answers do not make a valid site file; none was written.',
    {
      details: own.map(
        ({ key, message, suggestion }) =>
          `${key}: ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
      ),
      next: 'Start again with other answers.',
    },
  );
}

const nextLines = (name: string, isPrepared: boolean, sides: readonly SideText[]): readonly string[] => [
  'Next:',
  ...sides.flatMap(({ basicAuth, account }) => [
    ...(account === undefined ? [] : [`  export ${account.password}=…`]),
    ...(basicAuth === undefined ? [] : [`  export ${basicAuth}=user:password`]),
  ]),
  ...(isPrepared ? [] : [`  understudy prepare ${name}      # staging is empty: what it needs`]),
  `  understudy doctor ${name}       # can it work?`,
  `  understudy plan ${name}         # what would happen`,
  `  understudy sync ${name}`,
];
