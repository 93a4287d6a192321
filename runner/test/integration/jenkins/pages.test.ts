import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _connectToCdpBrowser } from 'puppeteer-core/internal/cdp/BrowserConnector.js';
import { PipeTransport } from 'puppeteer-core/internal/node/PipeTransport.js';
import { findBrowser, startBrowser } from '../../../src/hosts/run-browser.js';
import { type CheckRun } from '../../../src/maintenance/checks/check-result.js';
import { type MaintenanceHandle } from '../../../src/maintenance/maintenance-store.js';
import { writeCheckReport } from '../../../src/maintenance/report/check-report.js';
import { writeMaintenanceReport } from '../../../src/maintenance/report/maintenance-report.js';
import { renderMonthHtml } from '../../../src/maintenance/report/month/render-month.js';
import { writePage } from '../../../src/report/html-page.js';
import { renderHtml } from '../../../src/report/render-html.js';
import { openRunWorkspace } from '../../../src/run/workspace.js';
import { item } from '../../unit/maintenance/update-item.js';

/** What Jenkins 2.479 sends with an archived file. */
const POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';";
const RUN = '20261121T201500Z-3f9a1c';
const LONG = 'wp-content/'.repeat(30) + 'x'.repeat(400);
const PAGES = ['report.html', 'maintenance.html', 'checks.html', 'month.html'];

let folder: string;
let server: Server;
let address: string;
let browser: Awaited<ReturnType<typeof _connectToCdpBrowser>>;
let stop: () => Promise<void>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'understudy-pages-'));
  writePages();
  server = createServer((request, response) => {
    const file = path.join(
      folder,
      'acme',
      RUN,
      decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname),
    );
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const type =
      { '.html': 'text/html', '.css': 'text/css', '.png': 'image/svg+xml' }[path.extname(file)] ??
      'text/plain';
    response.writeHead(200, {
      'content-type': type,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
    });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const running = await startBrowser(findBrowser() ?? 'there is no Chromium', '');
  browser = await _connectToCdpBrowser(new PipeTransport(running.input, running.output), '', {
    defaultViewport: null,
  });
  stop = () => running.stop();
}, 60_000);
afterAll(async () => {
  await browser?.close().catch(() => undefined);
  await stop?.();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Every page with the longest words and the largest pictures that a site has given so far. */
function writePages(): void {
  const workspace = openRunWorkspace(folder, 'acme', RUN);
  const picture = (name: string, width: number): string => {
    const file = path.join(workspace.folder, 'checks', name);
    mkdirSync(path.dirname(file), { recursive: true });
    // As large as the real ones, and made in no time.
    writeFileSync(
      file,
      `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="6000"><rect width="100%" height="100%" fill="#cde"/></svg>`,
    );
    return `checks/${name}`;
  };
  const [before, after, compared] = [
    picture('before.png', 1280),
    picture('after.png', 1280),
    picture('compared.png', 3860),
  ];
  const failure = { id: 'page /', kind: 'page', path: '/', state: 'failed', message: LONG } as const;
  const run = (file: string): CheckRun => ({
    name: 'final',
    startedAt: '',
    finishedAt: '',
    results: [failure],
    pictures: [{ path: `/${LONG}`, file }],
    pages: [{ path: `/${LONG}`, why: 'declared', kind: 'html' }],
    notes: [LONG],
  });
  const items = [
    item({ title: LONG, tables: [LONG] }),
    item({ slug: 'bad', state: 'rolled-back', evidence: [LONG], pictures: [compared] }),
  ];
  const record = { version: 1, run: RUN, site: 'acme', createdAt: '', items, notes: [LONG] } as const;
  const handle = { run: RUN, workspace, record: () => record } as unknown as MaintenanceHandle;
  const site = { title: 'Acme', name: 'acme', staging: { url: `http://staging.acme.test/${LONG}` } };
  writeMaintenanceReport(handle, site as never, { baseline: run(before), final: run(after) });
  writeCheckReport(workspace, { title: 'Acme' }, run(after));
  const stage = {
    name: 'sync-content',
    label: 'Sync content',
    state: 'failed',
    seconds: 1,
    summary: LONG,
    facts: { [LONG]: LONG },
  };
  const error = {
    code: 'COMMAND_FAILED',
    message: LONG,
    next: LONG,
    details: [LONG],
    command: LONG,
    stderr: LONG,
  };
  writePage(
    workspace,
    'report.html',
    renderHtml({
      site: 'acme',
      run: RUN,
      startedAt: '',
      finishedAt: '',
      state: 'failed',
      exitCode: 4,
      parameters: {},
      stages: [stage],
      findings: [{ severity: 'warning', code: 'X', message: LONG } as never],
      errors: [error as never],
    }),
  );
  const maintenance = {
    version: 1,
    site: 'acme',
    title: LONG,
    run: RUN,
    verdict: LONG,
    promoted: true,
    updates: 1,
    updated: [LONG],
    undone: [{ what: LONG, why: LONG }],
    staying: [LONG],
    aftermath: [LONG],
  } as const;
  const entry = {
    site: 'acme',
    result: 'FAILURE',
    url: `https://ci.example/${LONG}`,
    text: LONG,
    state: 'failed',
    maintenance,
  } as const;
  writePage(
    workspace,
    'month.html',
    renderMonthHtml({ finishedAt: '2026-11-28T00:00:00Z', entries: [entry] } as never),
  );
}

describe.each(PAGES)("%s under Jenkins' Content Security Policy", (name) => {
  test.each([390, 768, 1280])(
    'is no wider than a window of %d pixels, and blocks nothing',
    async (width) => {
      const page = await browser.newPage();
      const client = await page.createCDPSession();
      const blocked: string[] = [];
      client.on('Log.entryAdded', ({ entry }) => blocked.push(entry.text));
      await client.send('Log.enable');
      await client.send('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: width < 500,
      });
      await page.goto(`${address}/${name}`, { waitUntil: 'load' });
      const { cssContentSize } = await client.send('Page.getLayoutMetrics');
      expect(blocked).toEqual([]);
      expect(cssContentSize.width).toBeLessThanOrEqual(width);
      expect(cssContentSize.height).toBeLessThan(22_000);
      const keep = process.env['UNDERSTUDY_KEEP_PAGES'];
      if (keep !== undefined) {
        const { data } = await client.send('Page.captureScreenshot', {
          format: 'png',
          captureBeyondViewport: true,
        });
        writeFileSync(path.join(keep, `${name}.${String(width)}.png`), Buffer.from(data, 'base64'));
      }
      await page.close();
    },
    60_000,
  );
});

test('a page is styled by the file beside it', async () => {
  const page = await browser.newPage();
  const client = await page.createCDPSession();
  await client.send('DOM.enable');
  await client.send('CSS.enable');
  await page.goto(`${address}/maintenance.html`, { waitUntil: 'load' });
  const { root } = await client.send('DOM.getDocument');
  const { nodeId } = await client.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'body' });
  const { computedStyle } = await client.send('CSS.getComputedStyleForNode', { nodeId });
  expect(computedStyle.find((one) => one.name === 'max-width')?.value).toBe('1120px');
  await page.close();
}, 60_000);
