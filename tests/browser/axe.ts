import axe from 'axe-core';
import type { Page } from 'playwright-core';
import * as z from 'zod';

const Results = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
});

/** What axe-core finds wrong with the page as it is now: a rule and the elements that break it, as text. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Over the driver's own channel, which a Content-Security-Policy does not concern.
  await page.evaluate(axe.source);
  const { violations } = Results.parse(await page.evaluate('axe.run()'));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('  ')}`);
}
