import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { reportFolder, runMonth } from '../month/month.js';
import { createMonthWorld, type MonthWorld } from '../month/month-world.js';
import { projectFolder } from '../runner.js';
import { shorten } from './shorten.js';

/** `npm run demo -- --month`. Returns the exit code: 1 when anything is not as it should be. `end` gets the world. */
export async function showMonth(end: (world: MonthWorld) => Promise<void>): Promise<number> {
  const start = performance.now();
  const seconds = (): string => ((performance.now() - start) / 1000).toFixed(1);
  const world = await createMonthWorld({ onProgress: (text) => console.log(`  ${text}`) });
  try {
    console.log(`  the world stands after ${seconds()} s`);
    const show = (text: string): string => shorten(text, world.folder);
    const month = await runMonth(world, { say: (text) => console.log(show(text)), show });
    const kept = path.join(projectFolder, 'build/demo/month');
    rmSync(kept, { recursive: true, force: true });
    if (month.run !== '' && existsSync(reportFolder(world, month.run))) {
      cpSync(reportFolder(world, month.run), kept, { recursive: true });
      console.log(`\nThe report with its pictures, also when all of this is gone: ${kept}/maintenance.html`);
    }
    const wrong = month.looks.filter(({ good }) => !good).length;
    console.log(
      wrong === 0
        ? `\nEverything is as it should be: ${String(month.looks.length)} things were looked at in ${seconds()} s.`
        : `\n${String(wrong)} of ${String(month.looks.length)} things are not as they should be.`,
    );
    return wrong === 0 ? 0 : 1;
  } finally {
    await end(world);
  }
}
