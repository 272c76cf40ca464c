import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PredictionPage } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { findBarriers } from './axe.ts';
import { launchBrowser, overflow, type Size } from './browser.ts';
import { type OwnStack, predictAndStore, startOwnStack, visitSignedIn } from './signed-in.ts';

let contract: Contract;
let browser: Browser;
let stack: OwnStack;

beforeAll(async () => {
  browser = await launchBrowser();
  ({ contract } = await readModelFolder('model'));
  stack = await startOwnStack();
});
afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

async function open(size: Size = 'desk') {
  const opened = await visitSignedIn(browser, { stack, part: 'dashboard', size });
  await opened.page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  return opened;
}

/** The shown figures, by their labels. */
async function figures(page: Page): Promise<Record<string, string>> {
  const terms = await page.locator('.figures dt').allTextContents();
  const values = await page.locator('.figures dt + dd').allTextContents();
  return Object.fromEntries(terms.map((term, i) => [term, values[i] ?? '']));
}

/** The cells of a table, row by row. */
async function cells(page: Page, table: string): Promise<string[][]> {
  const rows = await page.locator(`${table} > tbody > tr`).all();
  return Promise.all(rows.map((row) => row.locator('> th, > td').allTextContents()));
}

describe('the dashboard', () => {
  it('says what to do where nothing is recorded', async () => {
    const { page, errors } = await open();
    await page.getByText('No prediction is recorded in this period').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe('the dashboard of a known history', () => {
  beforeAll(async () => {
    // The first example is surely low, the last surely high: 6 and 4 of them, of which 7 are known by now.
    const [low, high] = [contract.examples[0]?.input ?? {}, contract.examples.at(-1)?.input ?? {}];
    const answers = await predictAndStore(stack, [...Array(6).fill(low), ...Array(4).fill(high)]);
    const happened = ['stays', 'stays', 'leaves', null, null, null, 'leaves', 'leaves', 'stays', 'leaves'];
    for (const [i, { id }] of answers.entries()) {
      const label = happened[i];
      if (!label) continue;
      const observedOn = new Date().toISOString().slice(0, 10);
      const response = await stack.fetch(`/v1/predictions/${id}/outcome`, {
        method: 'PUT',
        body: JSON.stringify({ label, observedOn }),
        headers: { 'content-type': 'application/json' },
      });
      expect(response.status).toBe(200);
    }
  });

  it.each(['desk', 'phone'] as const)('counts and compares what there is, on a %s', async (size) => {
    const { page, outside, errors } = await open(size);
    await page.getByRole('heading', { name: 'Risk mix' }).waitFor();
    // (6 × 0.0044 + 4 × 0.9974) / 10; of 4 predicted to leave 3 did, of 4 who left 3 were predicted to.
    expect(await figures(page)).toEqual({
      Predictions: '10',
      'Mean probability': '40.2%',
      'Known outcomes': '7',
      Precision: '75%',
      Recall: '75%',
    });
    expect(await cells(page, '.risk-mix')).toEqual([
      ['High', '4', '40%'],
      ['Moderate', '0', '0%'],
      ['Low', '6', '60%'],
    ]);
    expect(await cells(page, '.confusion')).toEqual([
      ['Predicted – Likely to leave', '3', '1'],
      ['Predicted – Likely to stay', '1', '2'],
    ]);
    const days = page.locator('.panel', { hasText: 'Predictions by day' });
    await days.getByText('The same numbers as a table').click();
    const [day] = await cells(page, '.panel:has(h3:text-is("Predictions by day")) table');
    expect(day?.slice(1)).toEqual(['6', '0', '4', '10']);
    expect(await page.getByRole('img').count()).toBe(3);
    for (const chart of await page.getByRole('img').all()) await chart.locator('canvas').waitFor();
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });

  it('compares inputs with the training, and does not take chance for drift', async () => {
    const { page } = await open();
    const rows = page.locator('.drift > tbody > tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(contract.features.length + 1);
    await page.getByText('10 predictions of version').waitFor();
    const overtime = rows.filter({ hasText: 'Overtime' });
    // 4 of 10 here, 416 of 1470 in training: (0.4 − 0.283) ln(0.4 / 0.283) + (0.6 − 0.717) ln(0.6 / 0.717).
    expect(await overtime.locator('> td').allTextContents()).toEqual(['0.06', 'stable']);
    await overtime.getByRole('button').click();
    const bins = page.getByRole('table', { name: 'Overtime' }).locator('tbody tr');
    expect(await bins.allTextContents()).toEqual(['Non72%60%', 'Oui28%40%']);
    const readings = await page.locator('.drift .stability').allTextContents();
    expect(readings).toContain('another population');
    expect(readings).toContain('unclear (few rows)');
    await page.context().close();
  });

  it.each([
    { size: 'desk', colorScheme: 'light' },
    { size: 'desk', colorScheme: 'dark' },
    { size: 'phone', colorScheme: 'light' },
    { size: 'phone', colorScheme: 'dark' },
  ] as const)(
    'has no barrier that axe-core finds, on a $size in $colorScheme colours',
    async ({ size, colorScheme }) => {
      const { page } = await open(size);
      await page.emulateMedia({ colorScheme });
      await page.getByRole('heading', { name: 'Risk mix' }).waitFor();
      for (const table of await page.getByText('The same numbers as a table').all()) await table.click();
      await page.locator('.drift button').first().click();
      expect(await findBarriers(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
      await page.context().close();
    },
  );

  it('knows the outcomes of predictions that are older than those that it counts', async () => {
    const { page } = await visitSignedIn(browser, { stack, part: 'employee' });
    const { items } = PredictionPage.parse(await (await stack.fetch('/v1/predictions?limit=200')).json());
    // An endless history, none of whose newest predictions has an outcome.
    const [newest] = items;
    const newestOnes = { items: Array(200).fill({ ...newest, outcome: null }), nextCursor: 'more' };
    await page.context().route('**/v1/predictions?*', (route) => {
      const isOfKnown = new URL(route.request().url()).searchParams.get('outcome') === 'known';
      const known = { items: items.filter(({ outcome }) => outcome !== null), nextCursor: null };
      return route.fulfill({ json: isOfKnown ? known : newestOnes });
    });
    await page.goto(`${stack.url}/#dashboard`);
    await page.getByText('only the newest 5,000 are counted here').waitFor();
    expect(await figures(page)).toMatchObject({
      Predictions: '5,000',
      'Known outcomes': '7',
      Precision: '75%',
      Recall: '75%',
    });
    expect(await page.getByText('No outcome is recorded').count()).toBe(0);
    await page.context().close();
  });

  it('speaks French, and looks at another period', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Français' }).click();
    await page.getByRole('heading', { name: 'Écart aux données d’entraînement' }).waitFor();
    await page.getByLabel('Période').selectOption({ label: 'Tout l’historique' });
    await expect.poll(async () => (await figures(page))['Prédictions']).toBe('10');
    await page.context().close();
  });
});
