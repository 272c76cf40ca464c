import { createServer } from 'node:http';
import { extname } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenOnLoopback, stopServer } from '../lib/loopback.ts';
import { type ModelFolder, readModelFolder } from '../lib/model-folder.ts';
import { buildSpace } from '../lib/space.ts';
import { launchBrowser, overflow, type Size, type Visit, visit } from './browser.ts';
import { enter } from './space-form.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

let model: ModelFolder;
let files: Map<string, Uint8Array>;
let browser: Browser;
let url: string;
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', url).pathname.slice(1) || 'index.html';
  const bytes = files.get(path);
  response.writeHead(bytes ? 200 : 404, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
  response.end(bytes);
});

beforeAll(async () => {
  browser = await launchBrowser();
  model = await readModelFolder('model');
  files = new Map((await buildSpace(model, undefined)).map(({ path, bytes }) => [path, bytes]));
  url = `http://127.0.0.1:${await listenOnLoopback(server)}/`;
});
afterAll(async () => {
  await browser?.close();
  await stopServer(server);
});

/** Opens the page, and waits until its model is loaded. */
async function open(size: Size): Promise<Visit> {
  const opened = await visit(browser, url, size);
  await opened.page.getByText('Model loaded and verified.').waitFor();
  return opened;
}

describe.each(['desk', 'phone'] as const)('the Space, on a %s', (size) => {
  it('predicts every golden case as the training pipeline does, and asks no other host for anything', async () => {
    const { page, outside, errors } = await open(size);
    const { features, golden, parity } = model.contract;
    expect(golden.length).toBeGreaterThanOrEqual(200);
    let largestDifference = 0;
    for (const { values, probability } of golden) {
      const answer = await enter(page, Object.fromEntries(features.map(({ name }, i) => [name, String(values[i])])));
      expect(answer).toEqual(expect.any(Number));
      largestDifference = Math.max(largestDifference, Math.abs(Number(answer) - probability));
    }
    expect(largestDifference).toBeLessThanOrEqual(parity.tolerance);
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });

  it('is used by hand: an example, a mistake that is named, and its correction', async () => {
    const { page, errors } = await open(size);
    const [example] = model.contract.examples;
    await page.getByRole('button', { name: example?.label.en ?? '' }).click();
    await page.getByRole('button', { name: 'Estimate' }).click();
    await expect.poll(() => page.locator('.answer data').getAttribute('value')).toBeTruthy();
    expect(Number(await page.locator('.answer data').getAttribute('value'))).toBeCloseTo(example?.probability ?? 2, 6);

    const age = page.locator('[name="age"]');
    await age.fill('17');
    expect(await page.locator('.answer').getAttribute('class')).toContain('stale');
    await page.getByRole('button', { name: 'Estimate' }).click();
    expect(await age.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#field-age-error').textContent()).toContain('18');

    await age.fill('50');
    await age.press('Enter');
    await expect.poll(() => page.locator('.answer').getAttribute('class')).not.toContain('stale');
    expect({ errors, overflow: await overflow(page) }).toEqual({ errors: [], overflow: 0 });
    await page.context().close();
  });
});
