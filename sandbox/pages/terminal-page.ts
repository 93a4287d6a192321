import { spawnSync } from 'node:child_process';
import { type World } from '../world.js';
import { bundle } from '../runner.js';

/** SGR codes that the runner uses (report/colour.ts), as colours on a dark terminal. */
const COLOURS: Readonly<Record<string, string>> = {
  '1': 'font-weight:700',
  '2': 'opacity:.65',
  '31': 'color:#ff9a92',
  '32': 'color:#62d58f',
  '33': 'color:#f2bd52',
  '36': 'color:#7db8ff',
};

/** What a command leaves on a terminal of this many columns, as a page: what moved on a line is gone, as there. */
export function terminalPage(
  { sites, workspace, folder }: World,
  columns: number,
  words: readonly string[],
): string {
  const command = [process.execPath, bundle, '--sites', sites, '--workspace', workspace, ...words];
  const quoted = command.map((word) => `'${word}'`).join(' ');
  const { stdout } = spawnSync(
    'script',
    ['-qec', `stty cols ${String(columns)} rows 50; ${quoted}`, '/dev/null'],
    {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: `${workspace}/home`, TERM: 'xterm', TZ: 'Europe/Berlin' },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const screen = stdout
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.split('\r\u001b[K').at(-1) ?? '')
    .join('\n')
    .replaceAll(new RegExp(`${folder}/hosts/[a-z-]+/www/`, 'g'), '/var/www/')
    .replaceAll(new RegExp(`${folder}/hosts/[a-z-]+/home`, 'g'), '/home/deploy')
    .replaceAll(folder, '/srv')
    .trim();
  return `<!doctype html><meta charset="utf-8"><title>terminal</title>
<style>body{margin:0;background:#0f1419;color:#e6edf3}pre{font:14px/1.4 "DejaVu Sans Mono",monospace;margin:12px;width:${String(columns + 1)}ch;white-space:pre-wrap;overflow-wrap:anywhere}</style>
<pre>$ understudy ${words.join(' ')}\n${coloured(screen)}</pre>`;
}

function coloured(text: string): string {
  let isOpen = false;
  const html = text.split(/(\u001b\[[\d;]*m)/).map((piece) => {
    const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1];
    if (codes === undefined) return piece.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const close = isOpen ? '</span>' : '';
    isOpen = codes !== '0' && codes !== '';
    const style = codes.split(';').flatMap((code) => COLOURS[code] ?? []);
    return isOpen ? `${close}<span style="${style.join(';')}">` : close;
  });
  return `${html.join('')}${isOpen ? '</span>' : ''}`;
}
