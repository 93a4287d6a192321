import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import { UnderstudyError } from '../../errors/index.js';
import { replaceFile } from '../../run/workspace.js';
import { defineCommand } from '../define-command.js';

/** `understudy month <builds>`: one report of all sites' maintenance; what `maintainAllSites` ends with. */
export const monthCommand = defineCommand<{ readonly out: string }>({
  name: 'month',
  group: 'Maintenance',
  summary: 'write one report of the maintenance of all sites: month.html, month.md, month.json',
  words: [
    {
      name: 'builds',
      about: 'JSON: {"builds": [{site, result, url, text, maintenance}]}',
      required: true,
    },
  ],
  options: [new Option('--out <folder>', 'where the report goes').default('.')],
  examples: [{ words: 'month builds.json --out report', about: 'the report of the builds in that file' }],
  run: async ({ words: [builds = ''], flags, console }) => {
    const { monthlyReportSentence, readMonthlyReport } =
      await import('../../maintenance/report/month/monthly-report.js');
    const { renderMonthlyReportHtml, renderMonthlyReportMarkdown } =
      await import('../../maintenance/report/month/render-monthly-report.js');
    const { writePage } = await import('../../report/page/html-page.js');
    const json = await readFile(builds).catch((cause: unknown) => {
      throw new UnderstudyError('USAGE', `${builds} cannot be read.`, { cause });
    });
    const month = readMonthlyReport(json, new Date());
    const write = (name: string, text: string): void => {
      replaceFile(path.resolve(flags.out, name), text);
    };
    writePage({ write }, 'month.html', renderMonthlyReportHtml(month));
    write('month.md', renderMonthlyReportMarkdown(month));
    write('month.json', `${JSON.stringify({ version: 1, ...month }, null, 2)}\n`);
    const summary = monthlyReportSentence(month);
    console.line(summary);
    return { run: '', summary };
  },
});
