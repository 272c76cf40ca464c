import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PredictionPage } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';
import { createKey } from '../../scripts/lib/deploy/api-keys.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { launchBrowser, visit } from './browser.ts';
import { type OwnStack, startOwnStack } from './signed-in.ts';

const colleague = createKey({ id: 'colleague', scopes: ['predict', 'read'], expiresAt: null });

let contract: Contract;
let browser: Browser;
let stack: OwnStack;
let apiKey: string;

beforeAll(async () => {
  browser = await launchBrowser();
  ({ contract } = await readModelFolder('model'));
  stack = await startOwnStack([colleague.apiKey]);
  apiKey = await stack.key();
});
afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

async function open(): Promise<Page> {
  const { page } = await visit(browser, `${stack.url}/`, 'desk');
  await page.evaluate(`sessionStorage.setItem('api-key', ${JSON.stringify(apiKey)})`);
  await page.reload();
  await page.getByRole('heading', { name: 'Start from an example' }).waitFor();
  return page;
}

/** Opens the page with an example in its form, about an employee. */
async function openFilled(who: number): Promise<Page> {
  const page = await open();
  await fillExample(page, 1);
  await field(page, 'Employee number').fill(String(who));
  await answered(page);
  return page;
}

const example = (position: number) => contract.examples[position]?.label.en ?? '';
const fillExample = (page: Page, position: number) => page.getByRole('button', { name: example(position) }).click();
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const answered = (page: Page) => page.locator('.answer[aria-busy="false"] data').waitFor({ state: 'attached' });
const overtime = (page: Page, value: 'Yes' | 'No') =>
  page.getByRole('radiogroup', { name: 'Overtime' }).getByLabel(value).check();
const predict = (page: Page) => page.getByRole('button', { name: 'Predict and record' });
const unreachable = (page: Page) => page.locator('.answer').getByText('The service cannot be reached.');

/** How many predictions about an employee are recorded, once this one is, too. */
async function recordedOf(who: number, lastId: string | null): Promise<number> {
  await expect.poll(async () => (await stack.fetch(`/v1/predictions/${lastId}`)).status, { timeout: 15_000 }).toBe(200);
  const page = PredictionPage.parse(await (await stack.fetch(`/v1/predictions?identifier=${who}`)).json());
  return page.items.length;
}
const shownId = (page: Page) => page.locator('.status .code').textContent();

describe('the form and what stands beside it', () => {
  it('leave the request and the response free, at 1440 × 900', async () => {
    const page = await openFilled(101);
    await page.setViewportSize({ width: 1440, height: 900 });
    await predict(page).click();
    await page.getByText('Prediction recorded').waitFor();
    await page.locator('.exchange summary').click();
    const covered: string[] = [];
    for (let y = 0; y < 4000; y += 300) {
      await page.evaluate(`scrollTo(0, ${y})`);
      const cover = await page.evaluate<string>(`(() => {
        const { left, right, top, bottom } = document.querySelector('.exchange').getBoundingClientRect();
        const [from, to] = [Math.max(top, 0) + 4, Math.min(bottom, innerHeight) - 4];
        for (let y = from; y < to; y += 20)
          for (const x of [left + 30, (left + right) / 2, right - 30]) {
            const at = document.elementFromPoint(x, y);
            if (at && !at.closest('.exchange') && at.closest('.outputs')) return at.outerHTML;
          }
        return '';
      })()`);
      if (cover) covered.push(cover);
    }
    expect(covered).toEqual([]);
    await page.context().close();
  });

  it('say on paper whom the answer is about, and when it was given', async () => {
    const page = await openFilled(102);
    await page.getByRole('button', { name: 'Français' }).click();
    await page.getByRole('button', { name: 'Prédire et enregistrer' }).click();
    await page.getByText('Prédiction enregistrée').waitFor();
    await page.emulateMedia({ media: 'print' });
    const text = await page.locator('.answer').innerText();
    expect(text).toContain('Matricule\u00a0: 102');
    expect(text).toContain(`${new Date().getFullYear()}`);
    expect(text).toContain((await shownId(page)) ?? 'no id');
    expect(await page.locator('.intro').isVisible()).toBe(false);
    await page.context().close();
  });
});

describe('a form that is recorded', () => {
  it('is not recorded again by a second press, nor by Enter in a field, but on purpose', async () => {
    const page = await openFilled(201);
    await predict(page).click();
    await page.getByText('Prediction recorded').waitFor();
    const first = await shownId(page);
    await predict(page).click();
    await page.getByText('This form is recorded already').waitFor();
    await field(page, 'Age').press('Enter');
    expect(await shownId(page)).toBe(first);
    expect(await recordedOf(201, first)).toBe(1);

    // Nor after the page was loaded again.
    await page.reload();
    await answered(page);
    await predict(page).click();
    await page.getByText('This form is recorded already').waitFor();
    expect(await shownId(page)).toBe(first);

    await page.getByRole('button', { name: 'Record it once more' }).click();
    await expect.poll(() => shownId(page)).not.toBe(first);
    expect(await page.getByText('This form is recorded already').count()).toBe(0);
    expect(await recordedOf(201, await shownId(page))).toBe(2);

    // Another form is recorded as ever.
    await overtime(page, 'Yes');
    await answered(page);
    await predict(page).click();
    await page.getByText('Prediction recorded').waitFor();
    expect(await recordedOf(201, await shownId(page))).toBe(3);
    await page.context().close();
  });

  it('is recorded once where the first answer was lost on its way', async () => {
    const page = await openFilled(202);
    let isLost = true;
    await page.context().route('**/v1/predict', async (route) => {
      if (!isLost) return route.fallback();
      isLost = false;
      await route.fetch();
      return route.abort();
    });
    await predict(page).click();
    await unreachable(page).waitFor();
    await page.locator('.answer').getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Prediction recorded').waitFor();
    expect(await recordedOf(202, await shownId(page))).toBe(1);
    await page.context().close();
  });
});

describe('while the service is away', () => {
  it('no older answer or curve is shown, and both come back by themselves', async () => {
    const page = await openFilled(301);
    await page.locator('.curve .line').waitFor();
    await page.context().setOffline(true);
    await overtime(page, 'Yes');
    await unreachable(page).waitFor();
    expect(await page.locator('.answer .verdict').count()).toBe(0);
    expect(await page.locator('.curve').isVisible()).toBe(false);
    await page.locator('.answer').getByRole('button', { name: 'Try again' }).waitFor();

    await page.context().setOffline(false);
    await page.locator('.answer .verdict').waitFor();
    await page.locator('.curve .chart:not(.stale) .line').waitFor();
    expect(await page.getByText('The service cannot be reached.').count()).toBe(0);
    await page.getByText('Compared with the example').waitFor();
    await page.context().close();
  });

  it('an error of the curve is gone once anything was answered', async () => {
    const page = await openFilled(302);
    await page.locator('.curve .line').waitFor();
    let isBroken = true;
    await page.context().route('**/v1/explore', (route) => {
      return isBroken && route.request().postData()?.includes('"vary"') ? route.abort() : route.fallback();
    });
    await overtime(page, 'Yes');
    const error = page.locator('.curve').getByText('The service cannot be reached.');
    await error.waitFor();
    expect(await page.locator('.curve .line').count()).toBe(0);
    isBroken = false;
    await predict(page).click();
    await page.getByText('Prediction recorded').waitFor();
    await page.locator('.curve .line').waitFor();
    expect(await error.count()).toBe(0);
    await page.context().close();
  });

  it('a tab that was not looked at yet says so, and opens by itself', async () => {
    const page = await open();
    await page.context().setOffline(true);
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByText('The service cannot be reached.').waitFor();
    expect(await page.getByText('may have been updated').count()).toBe(0);
    await page.context().setOffline(false);
    await page.getByRole('heading', { name: 'Recorded predictions' }).waitFor();
    const display = () => page.evaluate<string>("getComputedStyle(document.querySelector('.filters')).display");
    await expect.poll(display).toBe('grid');
    await page.context().close();
  });
});

describe('what was entered', () => {
  it('comes back after an example or nothing took its place', async () => {
    const page = await open();
    const age = field(page, 'Age');
    const notice = page.getByText('Your entries were replaced.');
    const back = page.getByRole('button', { name: 'Bring them back' });
    await age.fill('33');
    await field(page, 'Employee number').fill('401');
    await fillExample(page, 0);
    await notice.waitFor();
    expect([await age.inputValue(), await field(page, 'Employee number').inputValue()]).toEqual(['45', '']);
    await back.click();
    expect([await age.inputValue(), await field(page, 'Employee number').inputValue()]).toEqual(['33', '401']);

    await page.getByRole('button', { name: 'Clear the form' }).click();
    expect(await age.inputValue()).toBe('');
    await back.click();
    expect([await age.inputValue(), await field(page, 'Employee number').inputValue()]).toEqual(['33', '401']);
    await page.context().close();
  });

  it('is not asked about where it is an example as it is', async () => {
    const page = await open();
    await fillExample(page, 0);
    await fillExample(page, 1);
    await answered(page);
    expect(await page.getByText('Your entries were replaced.').count()).toBe(0);
    await page.context().close();
  });

  it('is there again after the page was loaded again, and gone with the visitor', async () => {
    const page = await openFilled(402);
    await overtime(page, 'Yes');
    await page.getByText('Compared with the example').waitFor();
    await page.reload();
    await page.getByText('Compared with the example').waitFor();
    expect(await field(page, 'Employee number').inputValue()).toBe('402');
    expect(await page.getByRole('radiogroup', { name: 'Overtime' }).getByLabel('Yes').isChecked()).toBe(true);
    expect(await page.evaluate('JSON.stringify(Object.keys(localStorage))')).not.toContain('form');

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.context().close();
  });

  it('is asked about where it is the results of a file, which a reload would lose', async () => {
    const page = await open();
    await page.getByRole('link', { name: 'File' }).click();
    const { header, line } = createCsvWriter(contract.features.map(({ name }) => name));
    const buffer = Buffer.from(header + contract.examples.map(({ input }) => line(input)).join(''));
    await page.setInputFiles('input[type=file]', { name: 'team.csv', mimeType: 'text/csv', buffer });
    await page.getByRole('button', { name: `Predict ${contract.examples.length} rows` }).click();
    await page.locator('table.results').waitFor();
    const asked = page.waitForEvent('dialog');
    const leaving = page.evaluate('location.reload()').catch(() => undefined);
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    await leaving;
    expect(await page.locator('table.results').isVisible()).toBe(true);
    await page.context().close();
  });

  it('is not shown to another person than the one whose key was refused', async () => {
    const page = await openFilled(403);
    await page.evaluate(`sessionStorage.setItem('api-key', ${JSON.stringify(apiKey.replace('local', 'other'))})`);
    await page.reload();
    await page.getByText('You were signed out').waitFor();
    await page.getByLabel('API key').fill(colleague.key);
    await page.getByLabel('API key').press('Enter');
    await page.getByRole('heading', { name: 'Start from an example' }).waitFor();
    expect(await field(page, 'Employee number').inputValue()).toBe('');
    await page.context().close();
  });
});

it('has the focus after signing in and out', async () => {
  const { page } = await visit(browser, `${stack.url}/`, 'desk');
  const focused = () => page.evaluate<string>('document.activeElement.tagName');
  await page.getByLabel('API key').fill(apiKey);
  await page.getByLabel('API key').press('Enter');
  await page.getByRole('heading', { name: 'Start from an example' }).waitFor();
  await expect.poll(focused).toBe('MAIN');
  await page.keyboard.press('Tab');
  expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Clear the form');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('API key').waitFor();
  await expect.poll(focused).toBe('MAIN');
  await page.context().close();
});
