import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';
import { type BinaryContract, binaryContract } from '../../common/test/binary.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { findBarriers } from './axe.ts';
import { launchBrowser, overflow, type Size } from './browser.ts';
import { type OwnStack, startOwnStack, visitSignedIn } from './signed-in.ts';

type Cells = Record<string, string | number>;

let contract: BinaryContract;
let browser: Browser;
let stack: OwnStack;

beforeAll(async () => {
  browser = await launchBrowser();
  contract = binaryContract((await readModelFolder('model')).contract);
  stack = await startOwnStack();
});
afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

/** The made-up employee of an example of the contract. */
function employee(id: string | number, changes: Cells = {}, example = 0): Cells {
  return { ...contract.examples[example]?.input, id_employee: id, ...changes };
}

function csv(name: string, records: readonly Cells[], group?: string, key = 'id_employee') {
  const columns = contract.features.filter((it) => group === undefined || it.group === group).map((it) => it.name);
  const { header, line } = createCsvWriter([key, ...columns]);
  return { name, mimeType: 'text/csv', buffer: Buffer.from(header + records.map(line).join('')) };
}

/** Line 3 has two faults, line 5 one; the others are the examples of the contract. */
const team = () =>
  csv('team.csv', [
    employee(1),
    employee(2, { age: 17, poste: 'Astronaute' }),
    ...contract.examples.slice(1).map(({ input }, i) => ({ ...input, id_employee: i + 3 })),
    employee(90, { augementation_salaire_precedente: 0.11 }),
  ]);
const badLines = () => [3, contract.examples.length + 3];

const extracts = () => [
  csv('a.csv', [employee(1), employee(2), employee(3)], 'sirh'),
  csv('b.csv', [employee('E_3'), employee('E_1'), employee('E_2')].map(withKey('eval_number')), 'eval', 'eval_number'),
  csv(
    'c.csv',
    [employee('0001'), employee('00002'), employee('44')].map(withKey('code_sondage')),
    'sondage',
    'code_sondage',
  ),
];
const withKey = (key: string) => (record: Cells) => ({ ...record, [key]: record['id_employee'] ?? '' });

async function open(size: Size = 'desk') {
  const opened = await visitSignedIn(browser, { stack, part: 'file', size });
  await opened.page.getByRole('heading', { name: 'A file of employees' }).waitFor();
  return opened;
}

async function predictTeam(page: Page): Promise<void> {
  await page.setInputFiles('input[type=file]', team());
  await page.getByRole('button', { name: `Predict ${contract.examples.length} rows` }).click();
  await page.getByText(`${contract.examples.length} rows predicted, 2 refused.`).waitFor();
}

/** The texts of a column of the results, from 0, in the order in which they are shown. */
function column(page: Page, index: number): Promise<string[]> {
  return page.locator(`table.results tbody tr > :nth-child(${index + 1})`).allTextContents();
}

describe.each(['desk', 'phone'] as const)('the file tab, on a %s', (size) => {
  it('names the lines that are wrong and why, in either language, and predicts the others', async () => {
    const { page, outside, errors } = await open(size);
    await page.setInputFiles('input[type=file]', team());
    const total = contract.examples.length + 2;
    await page.getByText(`${total} rows, of which 2 to be mended.`).waitFor();
    expect(await column(page, 0)).toEqual(badLines().map(String));
    const [first, second] = await column(page, 4);
    expect(first).toContain('Age: Must be at least 18 years.');
    expect(first).toContain('Must be one of: Cadre Commercial');
    expect(second).toContain('11');

    await page.getByRole('button', { name: 'Français' }).click();
    expect((await column(page, 4))[0]).toContain('Âge\u00a0: Doit être au moins 18 ans.');
    await page.getByRole('button', { name: 'English' }).click();

    await page.getByRole('button', { name: `Predict ${total - 2} rows` }).click();
    await page.getByText(`${total - 2} rows predicted, 2 refused.`).waitFor();
    expect(await column(page, 0)).toHaveLength(total);
    expect(await column(page, 3)).toContain('Refused');
    const bars = page.getByRole('img', { name: /^Distribution of the probabilities/ });
    const above = contract.examples.filter(({ probability }) => probability >= contract.output.threshold).length;
    expect(await bars.getAttribute('aria-label')).toContain(`${above} of ${total - 2} reach the threshold of 32%`);
    await bars.locator('canvas').waitFor();
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('has no barrier that axe-core finds, in %s colours', async (colorScheme) => {
    const { page } = await open(size);
    await page.emulateMedia({ colorScheme });
    expect(await findBarriers(page)).toEqual([]);
    await page.setInputFiles('input[type=file]', extracts().slice(0, 2));
    await page.getByText('Some extracts are missing').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await predictTeam(page);
    await page.getByText('The same numbers as a table').click();
    expect(await findBarriers(page)).toEqual([]);
    await page.context().close();
  });
});

describe('the file tab', () => {
  it('tells the extracts by their columns, waits for all of them, and joins them', async () => {
    const { page, errors } = await open();
    const [sirh, evaluation, survey] = extracts();
    await page.setInputFiles(
      'input[type=file]',
      [evaluation, sirh].filter((it) => it !== undefined),
    );
    const chosen = page.getByRole('list', { name: 'Chosen files' }).getByRole('listitem');
    expect(await chosen.allTextContents()).toEqual([
      'a.csv HR record',
      'b.csv Annual review',
      'to be added Staff survey',
    ]);

    await drop(page, survey?.name ?? '', survey?.buffer.toString() ?? '');
    await page.getByText('4 rows, of which 2 to be mended.').waitFor();
    expect(await column(page, 0)).toEqual(['4a.csv', '4c.csv']);
    expect((await column(page, 4))[0]).toContain('The identifier 3 is not in "c.csv".');
    await page.getByRole('button', { name: 'Predict 2 rows' }).click();
    await page.getByText('2 rows predicted, 2 refused.').waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('sorts by probability, filters by risk, and shows only what is wrong', async () => {
    const { page } = await open();
    await predictTeam(page);
    const sort = page.getByRole('button', { name: 'Probability' });
    await sort.click();
    const probabilities = contract.examples.map(({ probability }) => probability).toSorted((a, b) => b - a);
    const shown = () =>
      column(page, 2).then((texts) => texts.filter((it) => it !== '').map((it) => Number.parseFloat(it)));
    const rounded = probabilities.map((it) => Number((it * 100).toFixed(1)));
    await expect.poll(shown).toEqual(rounded);
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    await sort.click();
    await expect.poll(shown).toEqual(rounded.toReversed());

    const high = contract.examples.filter(({ probability }) => probability >= 0.32).length;
    await page.getByLabel('Show').selectOption({ label: `Risk\u2009: high (${high})` });
    await expect.poll(() => column(page, 3)).toEqual(Array(high).fill('High'));
    await page.getByLabel('Show').selectOption({ label: 'Refused rows (2)' });
    await expect.poll(() => column(page, 0)).toEqual(badLines().map(String));
    await page.context().close();
  });

  it('gives the results as a CSV file that a spreadsheet reads', async () => {
    const { page } = await open();
    await predictTeam(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the results (CSV)' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('team-predictions.csv');
    const text = await readFile(await download.path(), 'utf8');
    const [header, first = '', second = '', ...rest] = text.split('\r\n');
    expect(header).toBe('\uFEFFline,file,id,identifier,label,probability,threshold,risk,warnings,errors,model');
    expect(first).toMatch(/^2,team\.csv,[0-9a-f-]{36},1,/);
    expect(Number(first.split(',')[5])).toBeCloseTo(contract.examples[0]?.probability ?? 2, 6);
    expect(second).toMatch(/^3,team\.csv,,2,,,,,,.*Must be at least 18 years/);
    expect(rest).toHaveLength(contract.examples.length + 1);
    await page.context().close();
  });

  it('gives a template that can be predicted as it is', async () => {
    const { page } = await open();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download a template file' }).click(),
    ]);
    await page.setInputFiles('input[type=file]', await download.path());
    await page.getByText(`${contract.examples.length} rows, all valid.`).waitFor();
    await page.context().close();
  });

  it('says of a file that cannot be used what is wrong with it', async () => {
    const { page } = await open();
    const file = csv('team.csv', []);
    await page.setInputFiles('input[type=file]', file);
    await page.getByText('The file has no rows below its header.').waitFor();
    const renamed = { ...file, buffer: Buffer.from(String(file.buffer).replace(',age,', ',years,')) };
    await page.setInputFiles('input[type=file]', renamed);
    const alert = page.getByRole('alert').filter({ hasText: 'This file cannot be read as it is' });
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(
      /team\.csv, line 1: A column is missing: Age \(age\)\..*A column that the model does not know: years\./,
    );
    await page.context().close();
  });

  it('leads from a row to its prediction in the history, and keeps the results meanwhile', async () => {
    const { page } = await open();
    await predictTeam(page);
    await page.locator('table.results tbody a').first().click();
    await page
      .getByRole('heading', { name: 'Prediction', exact: true })
      .or(page.getByText('No prediction has this id'))
      .waitFor();
    const again = page.getByRole('button', { name: 'Try again' });
    await expect
      .poll(
        async () => {
          if (await again.isVisible()) await again.click();
          return page.getByRole('heading', { name: 'What was entered' }).isVisible();
        },
        { timeout: 15_000 },
      )
      .toBe(true);
    await page.getByRole('link', { name: 'File' }).click();
    expect(await column(page, 0)).toHaveLength(contract.examples.length + 2);
    await page.context().close();
  });

  it('is used by keyboard alone', async () => {
    const { page } = await open();
    const focused = () => page.evaluate<string>('document.activeElement.outerHTML.slice(0, 200)');
    const tabTo = async (what: RegExp) => {
      for (let presses = 0; presses < 40; presses++) {
        if (what.test(await focused())) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`the keyboard does not reach ${what}`);
    };
    await tabTo(/type="file"/);
    const choosing = page.waitForEvent('filechooser');
    // Until the browser has been told to hand over its dialog, it opens none: the key must not come sooner.
    await focused();
    await page.keyboard.press('Space');
    const chooser = await choosing;
    await chooser.setFiles(team());
    await page.getByRole('heading', { name: 'Check' }).waitFor();
    await expect.poll(focused).toContain('Check');
    await tabTo(/>Predict/);
    await page.keyboard.press('Enter');
    await page.getByText('2 refused.').waitFor();
    await expect.poll(focused).toContain('Results');
    await tabTo(/>Probability/);
    await page.keyboard.press('Space');
    expect(await page.locator('th[aria-sort]').textContent()).toContain('Probability');
    await tabTo(/<section class="scroll"|<a href="#history/);
    await tabTo(/<a href="#history/);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('#history/');
    await page.context().close();
  });
});

/** Drops a file onto the page's drop zone. As text, because this project's scripts have no types of the DOM. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(`{
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
    document.querySelector('.drop-zone').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }`);
}

describe('a file as people save it', () => {
  /** In Windows-1252, under the labels of the page and a title, with one column that nobody knows by its name. */
  function ownFile(records: readonly Cells[]) {
    const names = contract.features.map(({ name }) => name);
    const labels = contract.features.map(({ name, label }) => (name === 'poste' ? 'Intitulé' : label.fr));
    const lines = [
      ['Effectif de novembre'],
      ['Matricule', 'Ville', ...labels],
      ...records.map((record) => [record['id_employee'], 'Nîmes', ...names.map((name) => record[name])]),
    ];
    const buffer = Buffer.from(
      lines
        .map((cells) => `${cells.join(';')}\r\n`)
        .join('')
        .replaceAll('’', "'"),
      'latin1',
    );
    return { name: 'effectif.csv', mimeType: 'text/csv', buffer };
  }

  it('is read once its own column is named, which the browser remembers, and says what comes twice', async () => {
    const { page, errors } = await open();
    const file = ownFile([employee(1021), employee(1022), employee(1021)]);
    await page.setInputFiles('input[type=file]', file);
    await page.getByText('A column is missing: Position (poste).').waitFor();
    expect(await page.getByText('all columns').count()).toBe(0);
    await page.getByLabel('Position', { exact: true }).selectOption('Intitulé');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Read the file again' }).click();
    await page.getByText('3 rows, all valid.').waitFor();
    expect(await page.locator('.chosen .badge').textContent()).toBe('all columns');
    await page.getByText('The text is read as Windows-1252, and not as UTF-8.').waitFor();
    await page.getByText('Employee number on several lines: 1021 (lines 3, 5).').waitFor();
    await page.getByRole('button', { name: 'Predict 3 rows' }).click();
    await page.getByText('3 rows predicted.').waitFor();

    await page.getByRole('button', { name: 'Start over' }).click();
    await page.setInputFiles('input[type=file]', file);
    await page.getByText('3 rows, all valid.').waitFor();
    await page.getByText('This file was predicted before in this browser').waitFor();
    await page.getByRole('button', { name: 'Forget the columns chosen' }).click();
    await page.getByText('A column is missing: Position (poste).').waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
