import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { projectFolder } from '../../../sandbox/runner.js';

/** One line that says on what the figures were measured. */
export function machineLine(): string {
  const cores = os.cpus();
  const version = (program: string, pattern: RegExp): string => {
    try {
      return pattern.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[0] ?? '?';
    } catch {
      return 'missing';
    }
  };
  return [
    new Date().toISOString().slice(0, 10),
    `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    `node ${process.versions.node}`,
    `MariaDB ${version('mariadbd', /\d+\.\d+\.\d+/)}`,
    version('rsync', /version \S+/).replace('version', 'rsync'),
  ].join(', ');
}

export type Row = readonly (string | number)[];

/** A Markdown table in fixed columns, as docs/performance.md holds it; numbers with one decimal. */
export function printTable(header: readonly string[], rows: readonly Row[]): void {
  const cells = [header, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell.toFixed(cell < 1 ? 2 : 1) : cell)),
  );
  const widths = header.map((_, column) => Math.max(2, ...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join(' | ');
  const [head, ...body] = cells;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(Math.max(width - 1, 1))}:`,
  );
  for (const row of [head ?? [], rule, ...body]) console.log(`| ${line(row)} |`);
}

/** Keeps figures as `build/bench/<name>.json`, for docs/performance.md. */
export function keepFigures(name: string, figures: unknown): void {
  const file = path.join(projectFolder, `build/bench/${name}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine: machineLine(), figures }, null, 2)}\n`);
}

/** Seconds that `action` takes. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

/** Largest resident memory of a process in MB, from the kernel's own high-water mark; ask while it lives. */
export function peakMemory(pid: number): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Processor seconds that a process has used so far: on a busy machine they say more than the clock; 0 when it is gone. */
export function processorSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** The same of a MariaDB server of the sandbox. */
export const serverSeconds = (folder: string): number =>
  processorSeconds(Number(readFileSync(path.join(folder, 'mariadb.pid'), 'utf8').trim()));

/** How busy the machine is: processes that ran or waited for a processor in the last minute. */
export const loadLine = (): string => `load ${os.loadavg()[0]?.toFixed(1) ?? '?'}`;

/** Seconds that this machine's processors have worked since it started, for whatever process. */
export function machineSeconds(): number {
  const [, ...fields] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields.map(Number);
  return (user + nice + system + irq + softirq) / 100;
}
