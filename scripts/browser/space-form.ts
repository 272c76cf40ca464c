import type { Page } from 'playwright-core';

/**
 * Runs in the page: fills its form, submits it, and waits for its answer. As text, because this project's scripts have no
 * types of the DOM. Thousands of fields are filled: a browser driver's own key strokes would take minutes.
 */
const ENTER = `async (values) => {
  const form = document.querySelector('form');
  for (const [name, value] of Object.entries(values)) form.elements.namedItem(name).value = value;
  form.dispatchEvent(new InputEvent('input', { bubbles: true }));
  form.requestSubmit();
  const deadline = Date.now() + 10000;
  while (Date.now() < deadline) {
    const refusal = form.querySelector('[role=alert]').textContent;
    if (refusal) return refusal;
    const answer = document.querySelector('.answer:not(.stale) data');
    if (answer) return Number(answer.value);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return 'no answer in 10 s';
}`;

/** Enters a record into the page's form. Resolves to the probability that the page shows, or to the page's refusal. */
export function enter(page: Page, record: Readonly<Record<string, string>>): Promise<number | string> {
  return page.evaluate<number | string>(`(${ENTER})(${JSON.stringify(record)})`);
}
