import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { launchBrowser, visit } from './browser.ts';
import { serveSpace } from './serve-space.ts';

/** The label of a field with decimals in each language of the page, and of one without. */
const WORDS = {
  fr: { language: 'Français', income: 'Revenu mensuel', age: 'Âge' },
  en: { language: 'English', income: 'Monthly income', age: 'Age' },
} as const;

let browser: Browser;
let space: Awaited<ReturnType<typeof serveSpace>>;

beforeAll(async () => {
  browser = await launchBrowser();
  space = await serveSpace(await readModelFolder('model'));
});
afterAll(async () => {
  await browser?.close();
  await space?.close();
});

async function open(locale: string, language: 'fr' | 'en'): Promise<Page> {
  const { page } = await visit(browser, space.url, 'desk', { locale });
  await page.getByRole('button', { name: WORDS[language].language }).click();
  return page;
}

describe.each(['fr-FR', 'en-US', 'de-DE'])('numbers in a browser whose language is %s', (locale) => {
  it.each(['fr', 'en'] as const)('are read in both spellings on the page in %s', async (language) => {
    const page = await open(locale, language);
    const income = page.getByLabel(WORDS[language].income, { exact: true });
    for (const [typed, number] of [
      ['2850,50', '2850.5'],
      ['2850.50', '2850.5'],
      ['2\u202f850,50', '2850.5'],
      ['1\u00a0234,5', '1234.5'],
      ['12.345,5', '12345.5'],
    ] as const) {
      await income.fill('');
      await income.pressSequentially(typed);
      await income.press('Tab');
      expect(await income.inputValue()).toBe(typed);
      expect(await income.getAttribute('aria-invalid'), typed).toBe('false');
      expect(await income.getAttribute('aria-valuenow')).toBe(number);
    }
    for (const typed of ['9.200', '15,125', '12 abc', '285050,5']) {
      await income.fill('');
      await income.pressSequentially(typed);
      await income.press('Tab');
      expect(await income.getAttribute('aria-invalid'), typed).toBe('true');
    }
    const age = page.getByLabel(WORDS[language].age, { exact: true });
    await age.pressSequentially('26,5');
    await age.press('Tab');
    expect(await age.getAttribute('aria-invalid')).toBe('true');
    await page.context().close();
  });
});

describe('a number', () => {
  it('is not changed by the wheel, neither while its field has the focus nor its slider', async () => {
    const page = await open('en-GB', 'en');
    const age = page.getByLabel('Age', { exact: true });
    await age.fill('26');
    await age.hover();
    for (const by of [100, -100, 300]) await page.mouse.wheel(0, by);
    expect(await age.inputValue()).toBe('26');
    const slider = page.locator('.control:has([name=age]) input[type=range]');
    await slider.focus();
    await slider.hover();
    for (const by of [100, -100, 300]) await page.mouse.wheel(0, by);
    expect(await age.inputValue()).toBe('26');
    await page.context().close();
  });

  it('goes up and down by the arrow keys, to its limits', async () => {
    const page = await open('en-GB', 'fr');
    const age = page.getByRole('spinbutton', { name: 'Âge', exact: true });
    await age.press('ArrowUp');
    expect(await age.inputValue()).toBe('18');
    await age.press('ArrowDown');
    expect(await age.inputValue()).toBe('18');
    await age.fill('69');
    for (let i = 0; i < 3; i++) await age.press('ArrowUp');
    expect(await age.inputValue()).toBe('70');
    expect(await age.getAttribute('aria-valuenow')).toBe('70');
    const income = page.getByRole('spinbutton', { name: 'Revenu mensuel' });
    await income.fill('2850,5');
    await income.press('ArrowDown');
    expect(await income.inputValue()).toBe('2849,5');
    await page.context().close();
  });

  it('says what is accepted', async () => {
    const page = await open('en-GB', 'fr');
    const income = page.getByLabel('Revenu mensuel', { exact: true });
    await income.fill('60000,5');
    await income.press('Tab');
    expect(await page.locator('#field-revenu_mensuel-notes').textContent()).toContain('Doit être au plus');
    await page.context().close();
  });
});
