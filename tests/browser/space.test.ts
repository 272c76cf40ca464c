import { createServer } from 'node:http';
import { extname } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spellNumber } from '../../common/record/read-number.ts';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';
import { binaryContract } from '../../common/test/binary.ts';
import { formatPercent } from '../../page/language.ts';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';
import { type ModelFolder, readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { buildSpace } from '../../scripts/lib/model/space.ts';
import { findBarriers } from './axe.ts';
import { launchBrowser, overflow, type Size, type Visit, type VisitOptions, visit } from './browser.ts';
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
async function open(size: Size, options: VisitOptions = {}): Promise<Visit> {
  const opened = await visit(browser, url, size, options);
  await opened.page.getByText('Model loaded and verified.').first().waitFor();
  return opened;
}

/** A value as somebody would enter it. */
const typed = (value: unknown) => (typeof value === 'number' ? spellNumber(value) : String(value));

describe.each(['desk', 'phone'] as const)('the Space, on a %s', (size) => {
  it('predicts every golden case as the training pipeline does, and asks no other host for anything', async () => {
    const { page, outside, errors } = await open(size);
    const { features, golden, parity } = binaryContract(model.contract);
    expect(golden.length).toBeGreaterThanOrEqual(200);
    let largestDifference = 0;
    for (const { values, probability } of golden) {
      const answer = await enter(page, Object.fromEntries(features.map(({ name }, i) => [name, typed(values[i])])));
      expect(answer).toEqual(expect.any(Number));
      largestDifference = Math.max(largestDifference, Math.abs(Number(answer) - probability));
    }
    expect(largestDifference).toBeLessThanOrEqual(parity.tolerance);
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });

  it('is used by hand: an example, a mistake that is named, and its correction', async () => {
    const { page, outside, errors } = await open(size);
    const [example] = binaryContract(model.contract).examples;
    const shown = () => page.locator('.answer[aria-busy="false"] data').getAttribute('value', { timeout: 5000 });
    await page.getByRole('button', { name: example?.label.en ?? '' }).click();
    expect(Number(await shown())).toBeCloseTo(example?.probability ?? 2, 6);

    const age = page.getByLabel('Age', { exact: true });
    await age.fill('17');
    await page.getByRole('button', { name: 'Estimate' }).click();
    expect(await age.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => age.evaluate('document.activeElement.name')).toBe('age');
    expect(await page.locator('#field-age-notes').textContent()).toContain('18');

    await age.fill('50');
    await age.press('Enter');
    await expect.poll(shown).not.toBeNull();
    expect(await age.getAttribute('aria-invalid')).toBe('false');
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });

  it('predicts a file, and sends nothing anywhere', async () => {
    const { page, outside, errors } = await open(size);
    await page.getByRole('link', { name: 'File' }).click();
    await page.getByRole('heading', { name: 'A file of employees' }).waitFor();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(`${request.method()} ${request.url().replace(url, '/')}`));

    const { examples, features } = binaryContract(model.contract);
    const { header, line } = createCsvWriter(features.map(({ name }) => name));
    const rows = [...examples.map(({ input }) => input), { ...examples[0]?.input, age: 17 }];
    const buffer = Buffer.from(header + rows.map(line).join(''));
    await page.setInputFiles('input[type=file]', { name: 'team.csv', mimeType: 'text/csv', buffer });
    await page.getByRole('button', { name: `Predict ${examples.length} rows` }).click();
    await page.getByText(`${examples.length} rows predicted, 1 refused.`).waitFor();
    const text = (await page.locator('table.results').textContent()) ?? '';
    for (const { probability } of examples) expect(text).toContain(formatPercent('en', probability));
    // The code that draws the chart.
    expect(requests.filter((request) => !/^GET \/assets\/[\w.-]+\.(js|css)$/.test(request))).toEqual([]);
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('has no barriers that axe knows, in %s colours', async (colorScheme) => {
    const { page } = await open(size, { colorScheme });
    await page.locator('.examples button').nth(1).click();
    await page.locator('.answer data').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.context().close();
  });
});
