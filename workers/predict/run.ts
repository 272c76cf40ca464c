import { v7 as uuidv7 } from 'uuid';
import { toHex } from '../../common/bytes.ts';
import type { Prediction } from '../../common/history/prediction.ts';
import { ProblemError } from '../errors.ts';
import type { History, PredictionLog, Predictor, Records } from '../ports.ts';
import { sha256 } from '../sha256.ts';

/** Who asks for predictions, and how the request is told from others that the caller repeats. */
export type PredictionRequest = {
  /** Which API key asks; null for a caller without one. */
  keyId: string | null;
  /** `fingerprint` is the same whenever the same request is sent again. Null where the caller sends no Idempotency-Key. */
  idempotency: { key: string; fingerprint: string } | null;
};

/** What a run gets from outside. */
export type RunContext = {
  /** Null where nothing is recorded. */
  records: (Pick<Records, 'log' | 'idempotencyKeys'> & { history: Pick<History, 'findAll'> }) | null;
  now(): Date;
  newId(): string;
};

/** What all predictions of one request have in common. */
export type PredictionRun = {
  at: Date;
  keyId: string | null;
  /** Where the predictions are recorded; null where nothing is. */
  log: PredictionLog | null;
  /** The id of the prediction of a row, counted from 0. Ids ascend with the rows. Under an Idempotency-Key they never change. */
  idOf(row: number): string;
  /** The first answer to this request, if another model gave it. Null where this model gives the same answer again. */
  earlier: EarlierRun | null;
};

/** The run that first answered a request, with another model. */
type EarlierRun = {
  /** Its predictions of these ids, by id, as far as they are stored. */
  recall(ids: readonly string[]): Promise<Map<string, Prediction>>;
  /** Whether its predictions have had the time to be stored: those that are missing now will not come. */
  isSettled: boolean;
};

/** How long predictions may be on their way to the database while everything works. */
const SETTLING_MS = 60_000;

/**
 * Begins the predictions of a request. Under an Idempotency-Key, ids and time follow from the first request's claim to the key:
 * the same request again makes the same predictions, which are stored once. Throws `idempotency-key-reused` for another request.
 */
export async function beginRun(
  { keyId, idempotency }: PredictionRequest,
  { contract: { name, version }, contractSha256 }: Pick<Predictor, 'contract' | 'contractSha256'>,
  { records, now, newId }: RunContext,
): Promise<PredictionRun> {
  const log = records?.log ?? null;
  if (idempotency === null || !records) return { at: now(), keyId, log, idOf: () => newId(), earlier: null };

  const key = await sha256(JSON.stringify([keyId, idempotency.key]));
  const mine = {
    fingerprint: idempotency.fingerprint,
    model: `${name}/${version}/${contractSha256}`,
    claimedAt: now(),
  };
  const claim = await records.idempotencyKeys.claim(toHex(key), mine);
  // Claims of older code, which are kept for a day, do not have the contract's digest.
  const isMine = claim.model === mine.model || claim.model === `${name}/${version}`;
  if (claim.fingerprint !== mine.fingerprint) throw new ProblemError('idempotency-key-reused');
  return {
    at: claim.claimedAt,
    keyId,
    log,
    // A UUIDv7 whose random part is the digest of the key.
    idOf: (row) => uuidv7({ msecs: claim.claimedAt.getTime(), seq: row, random: key }),
    earlier: isMine
      ? null
      : {
          recall: async (ids) => new Map((await records.history.findAll(ids)).map((found) => [found.id, found])),
          isSettled: now().getTime() - claim.claimedAt.getTime() > SETTLING_MS,
        },
  };
}
