import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';
import { binaryContract } from '../../common/test/binary.ts';
import { type ModelFolder, readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { findBarriers } from './axe.ts';
import { launchBrowser, overflow, visit } from './browser.ts';
import { serveSpace } from './serve-space.ts';

let model: ModelFolder;
let browser: Browser;
let space: Awaited<ReturnType<typeof serveSpace>>;

beforeAll(async () => {
  browser = await launchBrowser();
  model = await readModelFolder('model');
  space = await serveSpace(model);
});
afterAll(async () => {
  await browser?.close();
  await space?.close();
});

describe.each(['desk', 'phone'] as const)('the file tab of the Space, on a %s', (size) => {
  it('predicts a file of golden cases in the browser, as the training pipeline does', async () => {
    const { features, golden, parity } = binaryContract(model.contract);
    const { header, line } = createCsvWriter(features.map(({ name }) => name));
    const rows = golden.map(({ values }) =>
      line(Object.fromEntries(features.map(({ name }, i) => [name, values[i] ?? '']))),
    );
    const { page, outside, errors } = await visit(browser, `${space.url}#file`, size);
    await page.getByText('Everything is computed in your browser').waitFor();
    await page.setInputFiles('input[type=file]', {
      name: 'golden.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`${header}${rows.join('')}1,2,3\r\n`),
    });
    await page.getByText(`${golden.length + 1} rows, of which 1 to be mended.`).waitFor();
    await page.getByRole('button', { name: `Predict ${golden.length} rows` }).click();
    await page.getByText(`${golden.length} rows predicted, 1 refused.`).waitFor();
    expect(await findBarriers(page)).toEqual([]);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the results (CSV)' }).click(),
    ]);
    const stream = await download.createReadStream();
    const text = Buffer.concat(await stream.toArray()).toString();
    const answered = text.split('\r\n').slice(1, golden.length + 1);
    const differences = answered.map((row, i) => Math.abs(Number(row.split(',')[5]) - (golden[i]?.probability ?? 2)));
    expect(answered).toHaveLength(golden.length);
    expect(Math.max(...differences)).toBeLessThanOrEqual(parity.tolerance);
    // There is no history to lead to.
    expect(await page.locator('table.results a').count()).toBe(0);
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });
});
