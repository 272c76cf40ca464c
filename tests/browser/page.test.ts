import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type BinaryContract, parseBinaryContract } from '../../common/test/binary.ts';
import { findBarriers } from './axe.ts';
import { launchBrowser, overflow, visit } from './browser.ts';
import { type OwnStack, startOwnStack } from './signed-in.ts';

const History = z.looseObject({ items: z.array(z.looseObject({ id: z.string(), probability: z.number() })) });

let browser: Browser;
let stack: OwnStack;
let apiKey: string;
let contract: BinaryContract;

beforeAll(async () => {
  browser = await launchBrowser();
  stack = await startOwnStack();
  apiKey = await stack.key();
  contract = parseBinaryContract(await (await stack.fetch('/v1/model')).json());
});
afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

async function history() {
  return History.parse(await (await stack.fetch('/v1/predictions?limit=200')).json()).items;
}
const example = (position: number) => {
  const found = contract.examples[position];
  if (!found) throw new Error(`no example ${position}`);
  return found;
};
/** The probability that the page shows, once it is about what the form holds. */
const shown = async (page: Page) =>
  Number(await page.locator('.answer[aria-busy="false"] data').getAttribute('value', { timeout: 10_000 }));
const fillExample = (page: Page, position: number) =>
  page.getByRole('button', { name: example(position).label.en }).click();
const overtime = (page: Page, value: 'Yes' | 'No') =>
  page.getByRole('radiogroup', { name: 'Overtime' }).getByLabel(value).check();
const predict = (page: Page) => page.getByRole('button', { name: 'Predict and record' }).click();

describe.each(['desk', 'phone'] as const)('the page, on a %s', (size) => {
  const open = (address = '/') => visit(browser, `${stack.url}${address}`, size, { apiKey });

  it('tries an example at once, records it when asked to, and asks no other host for anything', async () => {
    const { page, outside, errors } = await open();
    await fillExample(page, 1);
    expect(await shown(page)).toBeCloseTo(example(1).probability, 6);
    await page.getByText('A trial: this result is not recorded.').waitFor();

    await page.getByLabel('Employee number').fill('E_4711');
    await predict(page);
    await page.getByText('Prediction recorded').waitFor();
    const link = page.locator('.status a');
    const id = await link.textContent();
    await expect
      .poll(async () => (await stack.fetch(`/v1/predictions/${id}`)).status, { timeout: 10_000, interval: 200 })
      .toBe(200);
    const stored = await (await stack.fetch(`/v1/predictions/${id}`)).json();
    expect(stored).toMatchObject({ identifier: 4711, input: example(1).input });

    await page.locator('.exchange summary').click();
    expect(await page.locator('.exchange summary').textContent()).toMatch(/POST \/v1\/predict · 200 · [\d,]+\sms/);
    expect(await page.locator('.exchange').getByRole('region', { name: 'Response' }).textContent()).toContain(id);
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });

    await link.click();
    await page.locator('.tabs a[aria-current=page]', { hasText: 'History' }).waitFor();
    await page.context().close();
  });

  it('tries other values, and records none of them', async () => {
    const { page, errors } = await open();
    await fillExample(page, 1);
    await shown(page);
    const before = (await history()).length;
    await overtime(page, 'Yes');
    await page.getByText('Compared with the example').waitFor();
    const raised = await shown(page);
    expect(raised).toBeGreaterThan(example(1).probability + 0.1);
    expect(await page.locator('.what-if').textContent()).toContain('Overtime No → Yes');

    await page.getByRole('button', { name: 'Undo these changes' }).click();
    expect(await shown(page)).toBeCloseTo(example(1).probability, 6);
    expect(await page.locator('.what-if').count()).toBe(0);

    await page.getByLabel('Field', { exact: true }).selectOption({ label: 'Overtime' });
    const chart = page.locator('.curve table');
    await chart.getByText('Yes').waitFor();
    const percent = raised.toLocaleString('en-GB', { style: 'percent', maximumFractionDigits: 1 });
    expect(await chart.textContent()).toContain(`Yes${percent}`);
    // The queue keeps the order: what was recorded before this prediction would be there with it.
    await predict(page);
    await expect.poll(async () => (await history()).length, { timeout: 10_000 }).toBeGreaterThan(before);
    expect((await history()).length).toBe(before + 1);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('names a mistake at its field, and warns of what is unusual', async () => {
    const { page, errors } = await open();
    await fillExample(page, 0);
    const age = page.getByLabel('Age', { exact: true });
    await age.fill('17');
    await predict(page);
    await expect.poll(() => page.evaluate('document.activeElement.name')).toBe('age');
    expect(await age.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#field-age-notes').textContent()).toContain('Must be at least 18 years.');
    expect(await page.locator('.answer [role=alert]').textContent()).toBe('One field needs correcting.');

    await age.fill('65');
    await page.getByRole('heading', { name: 'Read with care' }).waitFor();
    expect(await page.locator('#field-age-notes').textContent()).toContain('outside the range that training covers');

    await page.getByLabel('Years in the current position').fill('20');
    await page.getByLabel('Years in the current position').press('Tab');
    const both = 'Years in the current position cannot exceed years in the company.';
    for (const name of ['annees_dans_le_poste_actuel', 'annees_dans_l_entreprise']) {
      if (name === 'annees_dans_l_entreprise') await page.getByLabel('Years in the company').press('Tab');
      await expect.poll(() => page.locator(`#field-${name}-notes`).textContent()).toContain(both);
    }
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('speaks French where the browser asks for it, and the other language when asked to', async () => {
    const options = { apiKey, locale: 'fr-FR' };
    const { page, errors } = await visit(browser, `${stack.url}/`, size, options);
    await page.getByRole('heading', { level: 1, name: contract.title.fr }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('fr');
    await page.getByRole('button', { name: example(2).label.fr }).click();
    await shown(page);
    expect(await page.locator('.gauge .percent').textContent()).toMatch(/^\d+,\d\s%$/);

    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: contract.title.en }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    // What was entered is still there, and what was chosen stays.
    expect(await shown(page)).toBeCloseTo(example(2).probability, 6);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: contract.title.en }).waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('lets in who has a key, and nobody else', async () => {
    const { page } = await visit(browser, `${stack.url}/`, size);
    const field = page.getByLabel('API key');
    const signIn = page.getByRole('main').getByRole('button', { name: 'Sign in' });
    await field.fill('nonsense');
    await signIn.click();
    await page.getByText('This is not a whole API key').waitFor();
    await field.fill(`${apiKey.slice(0, -1)}${apiKey.endsWith('x') ? 'y' : 'x'}`);
    await signIn.click();
    await page.getByText('This API key is not known here.').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);

    await field.fill(apiKey);
    await field.press('Enter');
    await page.getByRole('button', { name: example(0).label.en }).waitFor();
    expect(await page.evaluate('Object.values(localStorage).join()')).not.toContain(apiKey);
    expect(await page.context().cookies()).toEqual([]);
    await page.reload();
    await page.getByRole('button', { name: example(0).label.en }).waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await field.waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.context().close();
  });

  it('signs out whose key is not taken any more', async () => {
    const { page } = await visit(browser, `${stack.url}/`, size, { apiKey: apiKey.replace('local', 'other') });
    await page.getByText('You were signed out').waitFor();
    await page.getByLabel('API key').waitFor();
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('has no barriers that axe knows, in %s colours', async (colorScheme) => {
    const { page } = await visit(browser, `${stack.url}/`, size, { colorScheme });
    await page.getByLabel('API key').fill('nonsense');
    await page.getByLabel('API key').press('Enter');
    await page.getByText('This is not a whole API key').waitFor();
    expect(await findBarriers(page)).toEqual([]);

    await page.getByLabel('API key').fill(apiKey);
    await page.getByLabel('API key').press('Enter');
    await fillExample(page, 2);
    await shown(page);
    await predict(page);
    await page.getByText('Prediction recorded').waitFor();
    await page.locator('.exchange summary').click();
    await overtime(page, 'No');
    await page.getByLabel('Age', { exact: true }).fill('17');
    await page.getByLabel('Monthly income').fill('30000');
    await predict(page);
    await page.getByText('One field needs correcting.').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByLabel('Age', { exact: true }).fill('26');
    await shown(page);
    await page.getByLabel('Field', { exact: true }).selectOption({ label: 'Position' });
    await page.locator('.category').first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.goto(`${stack.url}/#model`);
    await page.getByRole('heading', { name: 'How it answers' }).waitFor();
    expect({ barriers: await findBarriers(page), overflow: await overflow(page) }).toEqual({
      barriers: [],
      overflow: 0,
    });
    await page.context().close();
  });
});

describe('what the environment is for', () => {
  /** The page of an environment that says of itself what this one would not. */
  async function openAs(some: { level: string; history?: boolean; publicScopes?: string[] }): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-GB' });
    await context.addInitScript(`sessionStorage.setItem('api-key', ${JSON.stringify(apiKey)})`);
    await context.route('**/v1/capabilities', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), ...some } });
    });
    const page = await context.newPage();
    await page.goto(`${stack.url}/`);
    await fillExample(page, 0);
    await shown(page);
    return page;
  }

  it('decides what there is: in production everything but what is sent and answered', async () => {
    const page = await openAs({ level: 'production' });
    expect(await page.locator('.tabs a').allTextContents()).toEqual(['Employee', 'File', 'History', 'Dashboard']);
    await predict(page);
    await page.getByText('Prediction recorded').waitFor();
    expect(await page.locator('.exchange').count()).toBe(0);
    await page.context().close();
  });

  it('decides what there is: the form and its answer alone in a demonstration', async () => {
    const page = await openAs({ level: 'simple', history: false });
    expect(await page.locator('.tabs').count()).toBe(0);
    await page.getByRole('button', { name: 'Estimate' }).click();
    await page.getByText('Nothing is recorded here.').waitFor();
    expect(await page.locator('.exchange').count()).toBe(0);
    await page.context().close();
  });
});

describe('by the keyboard alone', () => {
  it('signs in, fills in the form, predicts and follows the prediction', async () => {
    const { page } = await visit(browser, `${stack.url}/`, 'desk');
    const { keyboard } = page;
    const focused = () => page.evaluate<string>('document.activeElement.textContent || document.activeElement.name');
    /** Goes on until what has the focus is called so; gives up after a while. */
    async function tabTo(name: string): Promise<void> {
      for (let i = 0; i < 60; i++) {
        await keyboard.press('Tab');
        if ((await focused()) === name) return;
      }
      throw new Error(`the keyboard does not reach "${name}"`);
    }

    await page.getByLabel('API key').waitFor();
    await keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    await keyboard.type(apiKey);
    await keyboard.press('Enter');
    await page.getByRole('button', { name: example(1).label.en }).waitFor();

    await tabTo(example(1).label.en);
    await keyboard.press('Enter');
    expect(await shown(page)).toBeCloseTo(example(1).probability, 6);
    await tabTo('age');
    await keyboard.press('ArrowUp');
    expect(await page.getByLabel('Age', { exact: true }).inputValue()).toBe('35');
    await tabTo('genre');
    await keyboard.press('ArrowLeft');
    expect(await page.getByLabel('Woman').isChecked()).toBe(true);
    await tabTo('Predict and record');
    await keyboard.press('Enter');
    await page.getByText('Prediction recorded').waitFor();
    await tabTo((await page.locator('.status a').textContent()) ?? '');
    await keyboard.press('Enter');
    await page.locator('.tabs a[aria-current=page]', { hasText: 'History' }).waitFor();
    await page.context().close();
  });

  it('can see where it is', async () => {
    const { page } = await visit(browser, `${stack.url}/`, 'phone', { apiKey });
    await page.getByRole('button', { name: example(0).label.en }).waitFor();
    const hidden: string[] = [];
    for (let i = 0; i < 50; i++) {
      await page.keyboard.press('Tab');
      // A control that the bar at the lower edge lies over would be used blindly.
      const cover = await page.evaluate<string>(`(() => {
        const { left, right, top, bottom } = document.activeElement.getBoundingClientRect();
        const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const own = at && (document.activeElement.contains(at) || at.closest('label')?.contains(document.activeElement));
        return own || document.activeElement === document.body ? '' : document.activeElement.outerHTML;
      })()`);
      if (cover) hidden.push(cover);
    }
    expect(hidden).toEqual([]);
    await page.context().close();
  });
});

describe('where the service fails', () => {
  it('says so, keeps what was entered, and goes on once it is back', async () => {
    const { page } = await visit(browser, `${stack.url}/`, 'desk', { apiKey });
    await fillExample(page, 1);
    await shown(page);
    await page.context().setOffline(true);
    await predict(page);
    await page.getByText('The service cannot be reached.').waitFor();
    await page.context().setOffline(false);
    await predict(page);
    await page.getByText('Prediction recorded').waitFor();
    await page.context().close();
  });

  it('offers to try again where the page itself cannot start', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    let isBroken = true;
    await context.route('**/v1/capabilities', (route) => (isBroken ? route.abort() : route.fallback()));
    await page.goto(`${stack.url}/`);
    await page.getByText('The service cannot be reached.').waitFor();
    isBroken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('API key').waitFor();
    await context.close();
  });
});
