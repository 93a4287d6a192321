import path from 'node:path';
import { Option } from 'commander';
import { UnderstudyError } from '../../errors/index.js';
import { replaceFile } from '../../run/workspace.js';
import { defineCommand } from '../define-command.js';

interface ReportFlags {
  readonly all?: true;
  readonly from?: readonly string[];
  readonly out?: string;
}

const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `understudy report --all`: one page of all sites, from what their runs left on this machine or in archives. */
export const reportCommand = defineCommand<ReportFlags>({
  name: 'report',
  group: 'Every day',
  summary: 'write one page of all sites: state, age of the copy, last runs, updates, what needs a person',
  options: [
    new Option('--all', 'all sites; the only report that this command writes'),
    new Option(
      '--from <folder>',
      'workspace or unpacked archive to read; may be given again (default: the workspace)',
    ).argParser(gather),
    new Option('--out <folder>', 'where overview.html goes (default: the workspace)'),
  ],
  examples: [
    { words: 'report --all', about: 'from the runs of this machine; no host is asked' },
    { words: 'report --all --from archive --out page', about: 'from what builds have archived' },
  ],
  data: { sites: 'as in site.json of the workspace, those first that need a person' },
  run: async ({ flags, globals, console }) => {
    if (flags.all !== true)
      throw new UnderstudyError('USAGE', 'understudy report takes --all.', {
        next: 'The report of one run lies in the workspace: understudy show <site> says where.',
      });
    const { readOverviews } = await import('../../maintenance/report/overview/read-overviews.js');
    const { overviewSentence, renderOverview, sortedSites } =
      await import('../../maintenance/report/overview/render-overview.js');
    const { writePage } = await import('../../report/page/html-page.js');
    const { pageAddress } = await import('../../report/page/page-address.js');
    const { sites, problems } = readOverviews(flags.from ?? [globals.workspace]);
    for (const problem of problems) console.line(`   ! ${problem}`);
    const unknown = (await knownNames(globals.sites)).filter(
      (name) => !sites.some(({ site }) => site === name),
    );
    const out = path.resolve(flags.out ?? globals.workspace);
    const write = (name: string, text: string): void => {
      replaceFile(path.join(out, name), text);
    };
    writePage({ write }, 'overview.html', renderOverview(sites, unknown, new Date()));
    const sorted = sortedSites(sites);
    write('overview.json', `${JSON.stringify({ version: 1, sites: sorted })}\n`);
    console.data({ sites: sorted });
    const summary = overviewSentence(sites);
    console.line(summary);
    console.line(`Report: ${pageAddress(path.join(out, 'overview.html'))}`);
    return { run: '', summary };
  },
});

/** Sites that have a file; none where there is no folder of site files, as on the agent that only makes the page. */
async function knownNames(folder: string): Promise<string[]> {
  const { loadSites } = await import('../../config/index.js');
  try {
    return (await loadSites(folder)).sites.map(({ name }) => name);
  } catch (error) {
    if (error instanceof UnderstudyError && error.code === 'SITES_FOLDER_MISSING') return [];
    throw error;
  }
}
