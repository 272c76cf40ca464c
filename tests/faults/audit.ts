import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createClient } from '../../client/client.ts';
import type { StoredPrediction } from '../../common/api/answers.ts';
import { LOCAL_KEY_ID } from '../../scripts/lib/local/local-key.ts';
import type { Stack } from '../kit/local-stack.ts';
import type { Told } from './load.ts';

/** As many as the history lists at once. */
const PAGE = 200;
const POLL_MS = 3000;
/** Attempts are farther and farther apart: after half a minute without a database, the next one comes half a minute later. */
const SETTLE_MS = 150_000;

export type Audit = {
  /** Predictions whose record was accepted, and how many of them are stored. */
  acknowledged: number;
  stored: number;
  /** Accepted, and not stored in the end. */
  lost: Told[];
  /** Records that were stored twice. */
  duplicated: number[];
  /** Stored otherwise than was answered. */
  altered: Told[];
  /** How long after the last answer everything was stored. */
  seconds: number;
};

/** Waits until everything that was acknowledged is stored, or too long, and compares it with what was answered. */
export async function audit(stack: Stack, told: readonly Told[]): Promise<Audit> {
  const accepted = told.filter(({ recorded }) => recorded !== 'failed' && recorded !== 'off');
  const startedAt = Date.now();
  let stored = await readHistory(stack);
  while (accepted.some(({ id }) => !stored.has(id)) && Date.now() - startedAt < SETTLE_MS) {
    await sleep(POLL_MS);
    await stack.runCron();
    stored = await readHistory(stack);
  }
  const identifiers = new Map<number, number>();
  for (const { identifier } of stored.values()) {
    if (identifier !== null) identifiers.set(identifier, (identifiers.get(identifier) ?? 0) + 1);
  }
  return {
    acknowledged: accepted.length,
    stored: accepted.filter(({ id }) => stored.has(id)).length,
    lost: accepted.filter(({ id }) => !stored.has(id)),
    duplicated: told.map(({ identifier }) => identifier).filter((it) => (identifiers.get(it) ?? 0) > 1),
    altered: accepted.filter((it) => {
      const record = stored.get(it.id);
      return record !== undefined && !isSame(it, record);
    }),
    seconds: Math.round((Date.now() - startedAt) / 1000),
  };
}

function isSame(told: Told, stored: StoredPrediction): boolean {
  return (
    told.identifier === stored.identifier &&
    'threshold' in stored &&
    told.label === stored.label &&
    told.probability === stored.probability &&
    told.threshold === stored.threshold &&
    told.risk === stored.risk &&
    told.model.name === stored.model.name &&
    told.model.version === stored.model.version &&
    stored.model.sha256.startsWith(told.model.sha256) &&
    told.model.contractSha256 !== null &&
    stored.model.contractSha256?.startsWith(told.model.contractSha256) === true &&
    stored.keyId === LOCAL_KEY_ID &&
    isDeepStrictEqual(told.warnings, stored.warnings) &&
    isDeepStrictEqual(told.input, stored.input)
  );
}

/** All that is stored, by id. Throws where the history shows one id twice. */
async function readHistory(stack: Stack): Promise<Map<string, StoredPrediction>> {
  const all = new Map<string, StoredPrediction>();
  const client = createClient({ url: stack.url, apiKey: await stack.key() });
  for await (const prediction of client.allPredictions({ limit: PAGE })) {
    if (all.has(prediction.id)) throw new Error(`the history has ${prediction.id} twice`);
    all.set(prediction.id, prediction);
  }
  return all;
}
