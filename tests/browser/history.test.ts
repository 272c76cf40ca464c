import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PredictionDetail } from '../../common/api/answers.ts';
import { type BinaryAnswer, type BinaryContract, binary, binaryContract } from '../../common/test/binary.ts';
import { createKey } from '../../scripts/lib/deploy/api-keys.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { findBarriers } from './axe.ts';
import { launchBrowser, overflow, type Size } from './browser.ts';
import { type OwnStack, predictAndStore, startOwnStack, visitSignedIn } from './signed-in.ts';

/** More than a page of the table has. */
const COUNT = 30;
const reader = createKey({ id: 'reader', scopes: ['read'], expiresAt: null });

let contract: BinaryContract;
let browser: Browser;
let stack: OwnStack;
/** The oldest first; the n-th is about employee n + 1, and of the n-th example of the contract, over and over. */
let predictions: BinaryAnswer[];

beforeAll(async () => {
  browser = await launchBrowser();
  contract = binaryContract((await readModelFolder('model')).contract);
  stack = await startOwnStack([reader.apiKey]);
  const { examples } = contract;
  const records = Array.from({ length: COUNT }, (_, i) => ({
    ...examples[i % examples.length]?.input,
    id_employee: i + 1,
    ...(i === 0 && { age: 64 }),
  }));
  predictions = (await predictAndStore(stack, records)).map((it) => binary(it));
});
afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

async function open(part = 'history', { size = 'desk', key }: { size?: Size; key?: string } = {}) {
  const opened = await visitSignedIn(browser, { stack, part, size, ...(key !== undefined && { key }) });
  await opened.page
    .getByRole('heading', { name: part === 'history' ? 'Recorded predictions' : 'Prediction' })
    .first()
    .waitFor();
  return opened;
}

/** Whom the rows of the table are about, in their order. */
function shown(page: Page): Promise<number[]> {
  return page
    .locator('table.history tbody td:nth-child(2)')
    .allTextContents()
    .then((texts) => texts.map(Number));
}
const numbers = (first: number, last: number) =>
  Array.from({ length: Math.abs(last - first) + 1 }, (_, i) => first + (last < first ? -i : i));

function detailOf(index: number): Promise<PredictionDetail> {
  return stack
    .fetch(`/v1/predictions/${predictions[index]?.id}`)
    .then(async (response) => PredictionDetail.parse(await response.json()));
}

/** Everything that the history, the dashboard and the model's page show in French is in words, and French. */
async function speaksFrench(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Français' }).click();
  await page.getByText('s’est vérifié').first().waitFor();
  const texts = [await page.locator('main').innerText()];
  await page.getByRole('link', { name: 'Historique' }).click();
  await page.locator('table.history').waitFor();
  texts.push(await page.locator('main').innerText());
  await page.getByRole('link', { name: 'Tableau de bord' }).click();
  await page.locator('.confusion').waitFor();
  texts.push(await page.locator('main').innerText());
  await page.goto(`${stack.url}/#model`);
  await page.getByRole('heading', { name: 'Comment il répond' }).waitFor();
  texts.push(await page.locator('main').innerText());
  for (const text of texts) {
    expect(text).not.toMatch(
      /a_quitte_l_entreprise = |\b[01] ans\b|stratified|TargetEncoder|\bmit\b|[a-zé]'[a-zéê]|\d \bthe\b/,
    );
  }
}

describe.each(['desk', 'phone'] as const)('the history, on a %s', (size) => {
  it('is shown page by page, the newest first', async () => {
    const { page, outside, errors } = await open('history', { size });
    await expect.poll(() => shown(page)).toEqual(numbers(30, 6));
    await page.getByRole('button', { name: 'Older' }).click();
    await expect.poll(() => shown(page)).toEqual(numbers(5, 1));
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true);
    await page.getByText('Predictions 26 to 30 of 30').waitFor();
    await page.getByRole('button', { name: 'Newer' }).click();
    await expect.poll(() => shown(page)).toEqual(numbers(30, 6));
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('has no barrier that axe-core finds, in %s colours', async (colorScheme) => {
    const { page } = await open('history', { size });
    await page.emulateMedia({ colorScheme });
    await page.locator('table.history').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.locator('table.history a').first().click();
    await page.getByRole('heading', { name: 'What was entered' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await page.getByRole('button', { name: 'Erase this prediction' }).click();
    expect(await findBarriers(page)).toEqual([]);
    await page.context().close();
  });
});

describe('the history', () => {
  it('is filtered, and says what to do where nothing matches', async () => {
    const { page } = await open();
    const filter = page.getByRole('button', { name: 'Filter', exact: true });
    await page.getByLabel('Risk').selectOption({ label: 'High' });
    await filter.click();
    const high = predictions.flatMap(({ risk }, i) => (risk === 'high' ? [i + 1] : []));
    expect(high.length).toBeGreaterThan(0);
    await expect.poll(() => shown(page)).toEqual(high.toReversed());

    await page.getByLabel('Employee number').fill('2');
    await filter.click();
    await page.getByText('No prediction matches these filters').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expect.poll(() => shown(page)).toEqual(numbers(30, 6));

    const today = new Date().toISOString().slice(0, 10);
    await page.getByLabel('From').fill(today);
    await page.getByLabel('To', { exact: true }).fill(today);
    await filter.click();
    await expect.poll(() => shown(page)).toEqual(numbers(30, 6));

    await page.getByLabel('Model version').fill('1.0');
    await filter.click();
    await page.getByText('Must be a version such as 1.2.3.').waitFor();
    expect(await page.getByLabel('Model version').getAttribute('aria-invalid')).toBe('true');
    await page.context().close();
  });

  it('has its filter in the address, which is the same after a reload and on the way back', async () => {
    const { page } = await open();
    await page.getByLabel('Risk').selectOption({ label: 'High' });
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const high = predictions.flatMap(({ risk }, i) => (risk === 'high' ? [i + 1] : [])).toReversed();
    await expect.poll(() => shown(page)).toEqual(high);
    expect(new URL(page.url()).hash).toBe('#history?risk=high');
    await page.getByText(`of ${high.length}, newest first`).waitFor();

    await page.reload();
    await expect.poll(() => shown(page)).toEqual(high);
    expect(await page.getByLabel('Risk').inputValue()).toBe('high');
    await page.locator('table.history a').first().click();
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await expect.poll(() => shown(page)).toEqual(high);
    expect(new URL(page.url()).hash).toBe('#history?risk=high');

    await page.goto(`${stack.url}/#history?version=latest`);
    await page.getByText('Must be a version such as 1.2.3.').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expect.poll(() => shown(page)).toEqual(numbers(30, 6));
    await page.context().close();
  });

  it('shows the highest probability first where asked to, page by page', async () => {
    const { page } = await open();
    await page.getByLabel('Order').selectOption({ label: 'Highest probability first' });
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const order = predictions
      .map(({ probability }, i) => ({ probability, who: i + 1 }))
      .toReversed()
      .toSorted((a, b) => b.probability - a.probability)
      .map(({ who }) => who);
    await expect.poll(() => shown(page)).toEqual(order.slice(0, 25));
    await page.getByText('Predictions 1 to 25 of 30, highest probability first').waitFor();
    await page.getByRole('button', { name: 'Next page' }).click();
    await expect.poll(() => shown(page)).toEqual(order.slice(25));
    await page.context().close();
  });

  it('finds those whose outcome is known, and those without', async () => {
    const response = await stack.fetch(`/v1/predictions/${predictions[4]?.id}/outcome`, {
      method: 'PUT',
      body: JSON.stringify({ label: 'stays', observedOn: new Date().toISOString().slice(0, 10) }),
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(200);
    const { page } = await open();
    await page.getByLabel('Employee number').fill('5');
    const outcome = page.getByLabel('Outcome', { exact: true });
    const filter = page.getByRole('button', { name: 'Filter', exact: true });
    await outcome.selectOption({ label: 'known' });
    await filter.click();
    await expect.poll(() => shown(page)).toEqual([5]);
    await outcome.selectOption({ label: 'not known' });
    await filter.click();
    await page.getByText('No prediction matches these filters').waitFor();
    await page.getByLabel('Employee number').fill('6');
    await filter.click();
    await expect.poll(() => shown(page)).toEqual([6]);
    await page.context().close();
  });

  // Whatever the time is, it is another day in one of these zones than in UTC.
  it.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago'])('has the days of its reader in %s', async (timezoneId) => {
    const context = await browser.newContext({ locale: 'en-GB', timezoneId });
    await context.addInitScript(`sessionStorage.setItem('api-key', ${JSON.stringify(await stack.key())})`);
    const page = await context.newPage();
    const day = (time: number) => new Date(time).toLocaleDateString('sv-SE', { timeZone: timezoneId });
    const first = Date.parse((await detailOf(0)).createdAt);
    await page.goto(`${stack.url}/#history?from=${day(first)}&to=${day(Date.now())}`);
    await expect.poll(() => shown(page)).toEqual(numbers(30, 6));
    const dayBefore = day(first - 24 * 60 * 60 * 1000);
    await page.goto(`${stack.url}/#history?from=${dayBefore}&to=${dayBefore}`);
    await page.getByText('No prediction matches these filters').waitFor();
    await page.getByText(`Days of your time zone (${timezoneId}).`).waitFor();
    await context.close();
  });

  it('shows everything about a prediction, in words, and is where it was on the way back', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Older' }).click();
    await expect.poll(() => shown(page)).toEqual(numbers(5, 1));
    await page.locator('table.history a').last().click();
    await page.getByRole('heading', { name: 'What was entered' }).waitFor();
    const values = await page.locator('.input-group dd').allTextContents();
    expect(values).toHaveLength(contract.features.length);
    expect(values[0]).toBe('64\u00a0years');
    await page.getByText('64 is outside the range that training covers (18 to 60).').waitFor();
    await page.getByText(predictions[0]?.id ?? '').waitFor();
    await page.getByRole('button', { name: 'Français' }).click();
    await page.getByText('64 est hors de la plage').waitFor();
    await page.getByRole('link', { name: 'Retour à la liste' }).click();
    expect(await shown(page)).toEqual(numbers(5, 1));
    await page.context().close();
  });

  it('takes an outcome, after saying what is wrong with it, and shows it', async () => {
    const { page, errors } = await open(`history/${predictions[1]?.id}`);
    await page.getByText('No outcome is recorded').waitFor();
    const record = page.getByRole('button', { name: 'Record', exact: true });
    await page.getByLabel('Observed on').fill('2020-01-01');
    await record.click();
    await page.getByText('Is required.').waitFor();
    await page.getByLabel('Likely to leave').check();
    await record.click();
    await page.getByText('Must not be before the day of the prediction').waitFor();
    const today = new Date().toISOString().slice(0, 10);
    await page.getByLabel('Observed on').fill(today);
    await record.click();
    await page.getByText('The outcome is recorded.').waitFor();
    const recorded = page.locator('ol.outcomes li');
    await expect.poll(() => recorded.count()).toBe(1);
    expect(await recorded.textContent()).toContain('“Likely to leave” came true');
    expect((await detailOf(1)).outcomes).toMatchObject([{ label: 'leaves', observedOn: today, keyId: 'local' }]);

    await page.getByLabel('Likely to stay').check();
    await record.click();
    await expect.poll(() => recorded.count()).toBe(2);
    await expect.poll(() => recorded.first().textContent()).toContain('“Likely to stay” came true');
    await speaksFrench(page);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('is downloaded as a CSV file, as it is filtered', async () => {
    const { page } = await open();
    await page.getByLabel('Employee number').fill('7');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await expect.poll(() => shown(page)).toEqual([7]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download (CSV)' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(predictions[6]?.id);
    await page.context().close();
  });

  it('offers who may only read neither outcomes nor erasure, and says why', async () => {
    const { page } = await open(`history/${predictions[2]?.id}`, { key: reader.key });
    await page.getByText('Your API key may not record outcomes').waitFor();
    expect(await page.getByRole('button', { name: 'Record', exact: true }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Erase this prediction' }).count()).toBe(0);
    await page.context().close();
  });

  it('says of an id that it does not have that there is no such prediction', async () => {
    const { page } = await visitSignedIn(browser, { stack, part: 'history/019a0000-0000-7000-8000-000000000000' });
    await page.getByRole('alert').filter({ hasText: 'No prediction has this id.' }).waitFor();
    await page.context().close();
  });

  it('erases a prediction only after asking once more', async () => {
    const index = COUNT - 1;
    const { page } = await open(`history/${predictions[index]?.id}`);
    const ask = page.getByRole('button', { name: 'Erase this prediction' });
    await ask.click();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect((await detailOf(index)).identifier).toBe(COUNT);

    await ask.click();
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByText('The prediction is erased.').waitFor();
    await expect.poll(() => shown(page)).toEqual(numbers(29, 5));
    expect((await stack.fetch(`/v1/predictions/${predictions[index]?.id}`)).status).toBe(404);
    await page.context().close();
  });
});
