import type { Context } from 'hono';
import { v7 as uuidv7 } from 'uuid';
import type { Contract } from '../../common/contract/contract.ts';
import { toHex } from '../../common/hex.ts';
import type { Prediction } from '../../common/history/prediction.ts';
import { ProblemError } from '../errors.ts';
import { mediaTypeOf } from '../http/read-body.ts';
import type { AppEnv } from '../middleware/services.ts';
import { sha256 } from '../sha256.ts';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** What the predictions of one request are given. */
export type Making = {
  at: Date;
  /** The id of the prediction of a row, counted from 0: under an Idempotency-Key the same again, else a new one each time. */
  idOf(row: number): string;
  /** Where this request repeats one that another model answered; null where the model that serves makes the same again. */
  earlier: Earlier | null;
};

/** The predictions of a request that another model answered. */
export type Earlier = {
  /** Those of these ids that are stored, by id. */
  recall(ids: readonly string[]): Promise<Map<string, Prediction>>;
  /** Whether all that will be stored of them is, as far as can be told: what is not, never will be. */
  isSettled: boolean;
};

/** How long predictions may be on their way to the database, unless something is down. */
const SETTLING_MS = 60_000;

/** The Idempotency-Key of a request, or null. Throws if it cannot be one, or if nothing is recorded here. */
export function idempotencyKeyOf(context: Context<AppEnv>): string | null {
  const key = context.req.header('idempotency-key');
  if (key === undefined) return null;
  if (!IDEMPOTENCY_KEY.test(key)) throw new ProblemError('invalid-idempotency-key');
  if (!context.get('services').records) throw new ProblemError('idempotency-unavailable');
  return key;
}

/**
 * Begins predictions. Under an Idempotency-Key, ids and time follow from the claim that whoever came first laid to the key:
 * the same request again makes the same predictions, of which one is stored; another request is refused.
 * `body` tells requests apart, and is the same whenever one is sent again.
 */
export async function beginMaking(
  context: Context<AppEnv>,
  idempotencyKey: string | null,
  body: Uint8Array<ArrayBuffer>,
  { name, version }: Contract,
): Promise<Making> {
  const { records, now, newId } = context.get('services');
  if (idempotencyKey === null || !records) return { at: now(), idOf: () => newId(), earlier: null };

  const { method, path } = context.req;
  const type = mediaTypeOf(context.req.raw);
  const [key, request] = await Promise.all([
    sha256(JSON.stringify([context.get('caller').keyId, idempotencyKey])),
    sha256(JSON.stringify([method, path, type, toHex(await sha256(body))])),
  ]);
  const mine = { fingerprint: toHex(request), model: `${name}/${version}`, claimedAt: now() };
  const claim = await records.idempotencyKeys.claim(toHex(key), mine);
  if (claim.fingerprint !== mine.fingerprint) throw new ProblemError('idempotency-key-reused');
  return {
    at: claim.claimedAt,
    // A UUIDv7 whose random part is the key's digest.
    idOf: (row) => uuidv7({ msecs: claim.claimedAt.getTime(), seq: row, random: key }),
    earlier:
      claim.model === mine.model
        ? null
        : {
            recall: async (ids) => new Map((await records.history.findAll(ids)).map((found) => [found.id, found])),
            isSettled: now().getTime() - claim.claimedAt.getTime() > SETTLING_MS,
          },
  };
}
