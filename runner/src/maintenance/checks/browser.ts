// The package's front door brings a downloader of browsers and a second protocol, 2.4 MB; this part of it is 0.4 MB.
import { maskDocument, messageOf } from '../../errors/index.js';
import { _connectToCdpBrowser } from 'puppeteer-core/internal/cdp/BrowserConnector.js';
import { PipeTransport } from 'puppeteer-core/internal/node/PipeTransport.js';
import { type CheckSettings } from '../../config/sections.js';
import { startBrowser } from '../../hosts/process/run-browser.js';

export interface BrowserOptions {
  readonly program: string;
  /** Address of the site. */
  readonly url: string;
  /** `http.resolve`: `10.0.0.5:8443`. */
  readonly resolve?: string | undefined;
  /** For requests to the site's own host alone: login, secret header. */
  readonly headers: Readonly<Record<string, string>>;
  /** The site's certificate is signed by `http.ca`, which the browser does not know; the other checks verify it. */
  readonly acceptAnyCertificate: boolean;
  readonly settings: CheckSettings['screenshots'];
}

export interface Visit {
  /** PNG of the whole page, at most {@link TALLEST} pixels high; undefined where pictures are off. */
  readonly picture?: Buffer;
  /** Errors in the console and exceptions that nobody caught. */
  readonly errors: readonly string[];
  /** The selectors that were asked for and are not there. */
  readonly missing: readonly string[];
}

/** A running browser; `visit` opens a page, looks at it and closes it. */
export interface CheckBrowser {
  visit(url: string, path: string, selectors: readonly string[]): Promise<Visit>;
  close(): Promise<void>;
}

/** Pages that never end (lists that load more and more) are cut here. */
const TALLEST = 6000;
const LOAD_SECONDS = 45;
/** Every page begins at this time, 2026-01-05 12:00 UTC, and goes on from it: dates and countdowns look the same. */
const CLOCK = `(() => {
  const Real = Date, shift = ${String(Date.UTC(2026, 0, 5, 12))} - Real.now();
  class Shifted extends Real {
    constructor(...values) { if (values.length === 0) super(Real.now() + shift); else super(...values); }
    static now() { return Real.now() + shift; }
  }
  globalThis.Date = Shifted;
})()`;
/** Animations jump to their end; the cursor does not blink. */
const STILL = `*, *::before, *::after { animation-duration: 0s !important; animation-delay: 0s !important;
  animation-iteration-count: 1 !important; transition: none !important; caret-color: transparent !important;
  scroll-behavior: auto !important; }`;

export async function openBrowser(options: BrowserOptions): Promise<CheckBrowser> {
  const own = new URL(options.url).hostname;
  const rules = options.resolve === undefined ? '' : `MAP ${own} ${options.resolve}`;
  const running = await startBrowser(options.program, rules);
  try {
    const transport = new PipeTransport(running.input, running.output);
    const browser = await _connectToCdpBrowser(transport, '', {
      acceptInsecureCerts: options.acceptAnyCertificate,
      defaultViewport: { width: options.settings.width ?? 1280, height: 900 },
      protocolTimeout: 60_000,
    });
    return {
      visit: (url, path, selectors) => visit(browser, options, { url, path, selectors }),
      close: async () => {
        await browser.close().catch(() => undefined);
        await running.stop();
      },
    };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

type Browser = Awaited<ReturnType<typeof _connectToCdpBrowser>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

interface Target {
  readonly url: string;
  readonly path: string;
  readonly selectors: readonly string[];
}

async function visit(browser: Browser, options: BrowserOptions, target: Target): Promise<Visit> {
  const page = await browser.newPage();
  try {
    const errors = listen(page);
    await prepare(page, options);
    await page.bringToFront();
    await page.goto(target.url, { waitUntil: 'load', timeout: LOAD_SECONDS * 1000 });
    await page.addStyleTag({ content: STILL + hiddenBy(options.settings, target.path) });
    await page.evaluate('document.fonts.ready.then(() => true)');
    // Scripts that fetch something after the load get a moment; one that never ends does not hold the check up.
    await page.waitForNetworkIdle({ idleTime: 300, timeout: 3000 }).catch(() => undefined);
    const missing: string[] = [];
    for (const selector of target.selectors) if (!(await has(page, selector))) missing.push(selector);
    const text = String(await page.evaluate('document.documentElement.innerText'));
    // A picture cannot be masked as text can: an error page that shows a password is left out.
    const showsSecret = maskDocument(text) !== text;
    if (showsSecret) errors.push('The page shows a secret; its picture is left out.');
    return {
      errors: [...new Set(errors)],
      missing,
      ...(options.settings.enabled === false || showsSecret ? {} : { picture: await photograph(page) }),
    };
  } finally {
    await page.close().catch(() => undefined);
  }
}

const has = async (page: Page, selector: string): Promise<boolean> =>
  (await page.$(selector).catch(() => null)) !== null;

/** Addresses that a missing file is told for by the asset checks are not told twice. */
function listen(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) errors.push(oneLine(text));
  });
  page.on('pageerror', (error) => {
    errors.push(oneLine(messageOf(error)));
  });
  page.on('dialog', (dialog) => {
    void dialog.dismiss().catch(() => undefined);
  });
  return errors;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);

async function prepare(page: Page, options: BrowserOptions): Promise<void> {
  const own = originOf(options.url);
  await page.evaluateOnNewDocument(CLOCK);
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  if (Object.keys(options.headers).length === 0) return;
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const isOwn = originOf(request.url()) === own;
    const headers = isOwn ? { ...request.headers(), ...options.headers } : request.headers();
    void request.continue({ headers }).catch(() => undefined);
  });
}

/** Scheme, host and port: a login is for these alone, also after a redirect. */
function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
}

/** What the site file masks by selector keeps its place and is not seen. */
function hiddenBy(settings: CheckSettings['screenshots'], path: string): string {
  return (settings.mask ?? [])
    .filter((mask) => mask.selector !== undefined && (mask.path === undefined || mask.path === path))
    .map((mask) => `${mask.selector ?? ''} { visibility: hidden !important; }`)
    .join('\n');
}

async function photograph(page: Page): Promise<Buffer> {
  const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
  const width = page.viewport()?.width ?? 1280;
  const clip = { x: 0, y: 0, width, height: Math.min(TALLEST, Math.max(1, height)) };
  return Buffer.from(
    await page.screenshot({ type: 'png', clip, captureBeyondViewport: true, optimizeForSpeed: true }),
  );
}
