import type { OutcomeEntry, OutcomeRequest, Recorded } from '../common/api/answers.ts';
import type { VersionId } from '../common/contract/active-pointer.ts';
import type { Contract } from '../common/contract/contract.ts';
import type { RawOutput } from '../common/contract/outputs/outputs.ts';
import type { Prediction } from '../common/history/prediction.ts';
import type { FeatureValues } from '../common/record/request-schema.ts';
import type { Validator } from '../common/record/validation.ts';

/** One loaded model version: its contract, and the functions that were compiled from it. */
export interface Predictor {
  readonly contract: Contract;
  /** contract.json as published, byte for byte. */
  readonly contractJson: string;
  /** sha256 of the bytes of contract.json as stored, in hexadecimal. The contract states the graph's, so it covers both. */
  readonly contractSha256: string;
  readonly validate: Validator;
  /** What the graph says of each record's values, in order. */
  predict(records: readonly FeatureValues[]): Promise<RawOutput[]>;
}

/** The version that serves, and those that may be asked for by number. The domain asks it through `withModel`. */
export interface ModelStore {
  /**
   * Gives the version that serves to `work`, and keeps it loaded until the work is done: one request never sees two
   * versions. Throws `model-unavailable` while none can be loaded.
   */
  use<T>(work: (predictor: Predictor) => Promise<T>): Promise<T>;
  /**
   * The versions that may be asked for by number, the one that serves among them. No other one may be given to anybody. Throws
   * `model-unavailable` while that is not known.
   */
  served(): Promise<VersionId[]>;
  /**
   * Does the same with the version of this name and number, whether it serves or is only stored. Throws `not-found` where there
   * is none, `model-unavailable` where it cannot be loaded.
   */
  useVersion<T>(id: VersionId, work: (predictor: Predictor) => Promise<T>): Promise<T>;
  /**
   * The labels of the version of this name and number, whether it serves or is only stored; null where it predicts a number. Does not load its graph. Throws
   * `model-unavailable` where it is not stored, or cannot be read.
   */
  labelsOf(id: VersionId): Promise<string[] | null>;
  /** Set where the version that was activated last could not be loaded, so that an older one still serves; else null. */
  updateFailure(): UpdateFailure | null;
}

/** When a version could not be loaded, and whether for want of a right signature. */
export type UpdateFailure = { at: Date; isUnsigned: boolean };

/** Records predictions. */
export interface PredictionLog {
  /** Hands predictions over to be stored, and resolves to what became of each, in order. Never rejects. */
  record(predictions: readonly Prediction[]): Promise<Recorded[]>;
}

export type BacklogCounts = {
  /** Messages in the queue. */
  queued: number;
  /** Dead letters that wait to be replayed, up to 1,000. */
  waiting: number;
  /** The day, in ISO 8601, on which the oldest of them arrived. */
  oldest: string | null;
  /** Dead letters that no replay can store, up to 1,000. */
  unreplayable: number;
};

/** Counts the predictions that were accepted and are not in the database. */
export interface Backlog {
  /** Rejects if the queue or the dead letters cannot be reached. */
  count(): Promise<BacklogCounts>;
}

/** Which predictions to read. Null stands for any. `from` is inclusive, `to` exclusive. */
export type HistoryFilter = {
  from: Date | null;
  to: Date | null;
  modelVersion: string | null;
  label: string | null;
  risk: string | null;
  identifier: number | null;
  /** Whether an outcome was recorded. */
  hasOutcome: boolean | null;
};

/**
 * The order of a list: the newest first (by time, then id), or the highest probability or value first (then as by time). A
 * prediction that has no probability, or no value, is not in the list by it.
 */
export type HistorySort = 'time' | 'probability' | 'value';

/** Where in the history a page begins: after this prediction, in the order of the list. `sorted`: its probability or value. */
export type Cursor = { createdAt: Date; id: string; sorted: number };

export type HistoryEntry = { prediction: Prediction; outcome: OutcomeEntry | null };

/** Who erases, for the audit. */
export type Actor = { keyId: string | null; requestId: string };
export type Erasure = { id: string; erasedAt: Date; predictions: number };

/** Reads, completes and erases recorded predictions. Every method throws `database-unavailable` while it cannot. */
export interface History {
  /** Predictions in an order, at most `limit`. */
  list(filter: HistoryFilter, after: Cursor | null, limit: number, sort?: HistorySort): Promise<HistoryEntry[]>;
  /** How many predictions there are, counted up to `limit`. */
  count(filter: HistoryFilter, limit: number): Promise<number>;
  /** A prediction with every outcome that was recorded, the latest first. */
  find(id: string): Promise<{ prediction: Prediction; outcomes: OutcomeEntry[] } | null>;
  /** The predictions of these ids that are stored, in no particular order. */
  findAll(ids: readonly string[]): Promise<Prediction[]>;
  /** Records the observed outcome. The same outcome again changes nothing. Null if there is no such prediction. */
  putOutcome(id: string, outcome: OutcomeRequest, keyId: string | null): Promise<OutcomeEntry | null>;
  /** Null if there is no such prediction. */
  erase(id: string, by: Actor): Promise<Erasure | null>;
  /** Erases all predictions about one identifier made until now, also those that are stored later. */
  eraseIdentifier(identifier: number, by: Actor): Promise<Erasure>;
  /** Resolves if the database answers. */
  ping(): Promise<void>;
}

/** The first request that was made under an Idempotency-Key. */
export type Claim = {
  /** sha256 of the request, in hexadecimal. */
  fingerprint: string;
  /** Which model served it, as "name/version/sha256 of the contract". */
  model: string;
  claimedAt: Date;
};

export interface IdempotencyKeys {
  /** Claims a key for a request. Resolves to the claim that holds: this one, or that of the first request. */
  claim(key: string, claim: Claim): Promise<Claim>;
}

/** All that an environment which records predictions keeps them in. */
export type Records = { log: PredictionLog; backlog: Backlog; history: History; idempotencyKeys: IdempotencyKeys };

/** Counts a caller's requests, in this location, over a period. */
export interface RateLimiter {
  /** Whether the caller may go on. */
  limit(caller: { key: string }): Promise<{ success: boolean }>;
}
