import type { Page } from 'playwright-core';

/**
 * Runs in the page: fills its form, submits it, and waits for its answer. It is text, because this project's scripts have no
 * types of the DOM. A browser driver's key strokes would take minutes for thousands of fields.
 */
const ENTER = `async (values) => {
  const form = document.querySelector('form');
  const drawn = () => new Promise((resolve) => setTimeout(resolve));
  for (const [name, value] of Object.entries(values)) {
    const control = form.elements.namedItem(name);
    if (control instanceof RadioNodeList) [...control].find((it) => it.value === value).click();
    else {
      control.value = value;
      control.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }
  }
  await drawn();
  form.requestSubmit();
  const deadline = Date.now() + 10000;
  while (Date.now() < deadline) {
    await drawn();
    const refusal = form.querySelector('[role=alert]').textContent;
    if (refusal) return refusal;
    const answer = document.querySelector('.answer[aria-busy="false"] data');
    if (answer) return Number(answer.value);
  }
  return 'no answer in 10 s';
}`;

/** Enters a record into the page's form. Resolves to the probability that the page shows, or to the page's refusal. */
export function enter(page: Page, record: Readonly<Record<string, string>>): Promise<number | string> {
  return page.evaluate<number | string>(`(${ENTER})(${JSON.stringify(record)})`);
}
