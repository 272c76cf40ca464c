import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_OS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
const ADVICE =
  'Install it (Debian: apt-get install chromium; elsewhere Chromium or Google Chrome), or name it in CHROMIUM_PATH.';

/** Phone and desk, in CSS pixels. */
const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } } as const;
export type Size = keyof typeof SIZES;

/** A page, and what happened while it was open. */
export type Visit = {
  page: Page;
  /** Requests to any other origin than the page's. They were refused. */
  outside: string[];
  /** Errors that the page threw or the console shows; breaches of the Content-Security-Policy are among them. */
  errors: string[];
};

/** Starts the Chromium of this machine, without a window. Without a Chromium it throws, and says how to get one. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium() });
}

function findChromium(): string {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, which does not exist. ${ADVICE}`);
    return named;
  }
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [...NAMES.flatMap((name) => directories.map((it) => join(it, name))), MAC_OS];
  const found = candidates.find((it) => existsSync(it));
  if (!found) throw new Error(`These tests need Chromium, and this machine has none. ${ADVICE}`);
  return found;
}

export type VisitOptions = {
  /** What the browser is asked for; English where nothing else is said. */
  locale?: string;
  colorScheme?: 'light' | 'dark';
  /** With which the visitor is signed in already. */
  apiKey?: string;
};

/** Opens an address in a fresh profile, and resolves once it is loaded. */
export async function visit(
  browser: Browser,
  url: string,
  size: Size,
  { locale = 'en-GB', colorScheme = 'light', apiKey }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: SIZES[size], locale, colorScheme, serviceWorkers: 'block' });
  if (apiKey !== undefined) {
    const keep = `sessionStorage.setItem('api-key', ${JSON.stringify(apiKey)})`;
    await context.addInitScript(keep);
  }
  const page = await context.newPage();
  const { origin } = new URL(url);
  const outside: string[] = [];
  const errors: string[] = [];
  await context.route(
    (address) => address.origin !== origin && address.protocol.startsWith('http'),
    (route) => {
      outside.push(route.request().url());
      return route.abort();
    },
  );
  page.on('websocket', (socket) => outside.push(socket.url()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  await page.goto(url);
  return { page, outside, errors };
}

/** By how many pixels the page is wider than the window: 0 where nobody has to scroll sideways. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
