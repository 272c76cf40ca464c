import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { PredictAnswer, PredictionPage } from '../../common/api/answers.ts';
import type { ApiKey } from '../../common/api/api-key.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { formatApiKeys } from '../../scripts/lib/deploy/api-keys.ts';
import { freePort, type Stack, startStack } from '../kit/local-stack.ts';
import { type Size, type Visit, visit } from './browser.ts';

/** The local stack with an empty history, and how to take it away. */
export type OwnStack = Stack & { remove(): Promise<void> };

/** Beside its own key, these are let in. */
export async function startOwnStack(apiKeys: readonly ApiKey[] = []): Promise<OwnStack> {
  // The stack is a child of this process.
  process.env['API_KEYS'] = formatApiKeys(apiKeys);
  const directory = await mkdtemp(join(tmpdir(), 'page-'));
  const stack = startStack('--port', String(await freePort()), '--data', directory);
  const remove = async () => {
    await stack.stop();
    await rm(directory, { recursive: true });
  };
  try {
    await stack.ready();
  } catch (error) {
    await remove();
    throw error;
  }
  return { ...stack, remove };
}

/** Opens a part of the page ("history/ID", say) as somebody who has signed in with this key. */
export async function visitSignedIn(
  browser: Browser,
  { stack, key, part, size = 'desk' }: { stack: Stack; key?: string; part: string; size?: Size },
): Promise<Visit> {
  const opened = await visit(browser, `${stack.url}/#${part}`, size);
  await opened.page.evaluate(`sessionStorage.setItem('api-key', ${JSON.stringify(key ?? (await stack.key()))})`);
  await opened.page.reload();
  return opened;
}

/** Waits until the history has this many predictions: the system stores them some moments after the answer. */
async function untilStored(stack: Stack, count: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const page = PredictionPage.parse(await (await stack.fetch('/v1/predictions?limit=200')).json());
    if (page.items.length >= count) return;
    await sleep(100);
  }
  throw new Error(`the history does not have ${count} predictions`);
}

/** Predicts each record, one after the other: the last one is the newest. Resolves once all are in the history. */
export async function predictAndStore(
  stack: Stack,
  records: readonly Readonly<Record<string, FeatureValue>>[],
): Promise<PredictAnswer[]> {
  const answers: PredictAnswer[] = [];
  for (const record of records) {
    const response = await stack.fetch('/v1/predict', {
      method: 'POST',
      body: JSON.stringify(record),
      headers: { 'content-type': 'application/json' },
    });
    answers.push(PredictAnswer.parse(await response.json()));
  }
  await untilStored(stack, answers.length);
  return answers;
}
