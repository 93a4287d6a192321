import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { UnderstudyError } from '../errors/index.js';
import { replaceFile } from '../run/workspace.js';
import { standardConsole } from './with-session.js';

/** `understudy month <builds>`: one report of all sites' maintenance; what `maintainAllSites` ends with. */
export function monthCommand(): Command {
  return new Command('month')
    .description('write one report of the maintenance of all sites: month.html, month.md, month.json')
    .argument('<builds>', 'JSON: {"builds": [{site, result, url, text, maintenance}]}')
    .option('--out <folder>', 'where the report goes', '.')
    .action(async (builds: string, { out }: { readonly out: string }) => {
      const { monthSentence, readMonth } = await import('../maintenance/report/month/month.js');
      const { renderMonthHtml, renderMonthMarkdown } =
        await import('../maintenance/report/month/render-month.js');
      const { writePage } = await import('../report/html-page.js');
      const json = await readFile(builds).catch((cause: unknown) => {
        throw new UnderstudyError('USAGE', `${builds} cannot be read.`, { cause });
      });
      const month = readMonth(json, new Date());
      const write = (name: string, text: string): void => {
        replaceFile(path.resolve(out, name), text);
      };
      writePage({ write }, 'month.html', renderMonthHtml(month));
      write('month.md', renderMonthMarkdown(month));
      write('month.json', `${JSON.stringify({ version: 1, ...month }, null, 2)}\n`);
      standardConsole().line(monthSentence(month));
    });
}
