import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { _connectToCdpBrowser } from 'puppeteer-core/internal/cdp/BrowserConnector.js';
import { PipeTransport } from 'puppeteer-core/internal/node/PipeTransport.js';
import { findBrowser, startBrowser } from '../../runner/src/hosts/process/run-browser.js';

/** What Jenkins 2.479 sends with an archived file. */
const POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

export interface PageView {
  readonly width: number;
  readonly scheme?: 'light' | 'dark';
  readonly medium?: 'screen' | 'print';
  /** As Jenkins serves an archived page; default: without its policy. */
  readonly policy?: boolean;
}

type Browser = Awaited<ReturnType<typeof _connectToCdpBrowser>>;
type OpenPage = Awaited<ReturnType<Browser['newPage']>>;
export type Protocol = Awaited<ReturnType<OpenPage['createCDPSession']>>;

/** A browser, and a server on loopback for the pages of one folder. */
export interface PageBrowser {
  /** @param file path below the folder @param look what is done with the page before it is closed */
  open<Result>(
    file: string,
    view: PageView,
    look: (page: OpenPage, client: Protocol, blocked: readonly string[]) => Promise<Result>,
  ): Promise<Result>;
  close(): Promise<void>;
}

export async function openPageBrowser(folder: string): Promise<PageBrowser> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
    if (pathname === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    const file = path.join(folder, decodeURIComponent(pathname));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[path.extname(file)] ?? 'text/plain',
      'x-content-type-options': 'nosniff',
      ...(searchParams.has('policy') ? { 'content-security-policy': POLICY } : {}),
    });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const running = await startBrowser(findBrowser() ?? 'there is no Chromium', '');
  const browser = await _connectToCdpBrowser(new PipeTransport(running.input, running.output), '', {
    defaultViewport: null,
  });
  return {
    open: async (file, view, look) => {
      const page = await browser.newPage();
      try {
        const client = await page.createCDPSession();
        const blocked: string[] = [];
        client.on('Log.entryAdded', ({ entry }) => blocked.push(entry.text));
        await client.send('Log.enable');
        await client.send('Emulation.setDeviceMetricsOverride', {
          width: view.width,
          height: 900,
          deviceScaleFactor: 1,
          mobile: view.width < 500,
        });
        await client.send('Emulation.setEmulatedMedia', {
          media: view.medium ?? 'screen',
          features: [{ name: 'prefers-color-scheme', value: view.scheme ?? 'light' }],
        });
        const query = view.policy === true ? '?policy' : '';
        await page.goto(`${address}/${file}${query}`, { waitUntil: 'load' });
        return await look(page, client, blocked);
      } finally {
        await page.close();
      }
    },
    close: async () => {
      await browser.close().catch(() => undefined);
      await running.stop();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** PNG of the whole page, or of its first `height` pixels. */
export async function photograph(client: Protocol, width: number, height?: number): Promise<Buffer> {
  const { cssContentSize } = await client.send('Page.getLayoutMetrics');
  const shown = Math.min(height ?? 12_000, Math.ceil(cssContentSize.height));
  const { data } = await client.send('Page.captureScreenshot', {
    format: 'png',
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height: shown, scale: 1 },
  });
  return Buffer.from(data, 'base64');
}
