import type { Contract } from '../common/contract.ts';
import type { Prediction } from '../common/prediction.ts';
import type { FeatureRecord } from '../common/request-schema.ts';
import type { Validator } from '../common/validation.ts';

/** One loaded model version: its contract, and what was compiled from it. */
export interface Predictor {
  readonly contract: Contract;
  /** contract.json as published, byte for byte. */
  readonly contractJson: string;
  readonly validate: Validator;
  /** The probability of the positive label, in [0, 1], for each record in order. */
  predict(records: readonly FeatureRecord[]): Promise<number[]>;
}

/** Knows which version serves. */
export interface ModelStore {
  /**
   * Gives the version that serves to `work`, and keeps it loaded until the work is done: one request never sees two
   * versions. Throws `model-unavailable` while none can be loaded.
   */
  use<T>(work: (predictor: Predictor) => Promise<T>): Promise<T>;
  /** When the version that was activated last could not be loaded, so that an older one still serves; else null. */
  updateFailedAt(): Date | null;
}

/** Where predictions are kept. */
export interface PredictionLog {
  /** Hands the prediction over to be stored; resolves once it is accepted. */
  record(prediction: Prediction): Promise<void>;
  find(id: string): Promise<Prediction | null>;
  /** Resolves if the database answers. */
  ping(): Promise<void>;
}

/** Counts what a caller does, in this location, over a period. */
export interface RateLimiter {
  /** Whether the caller may go on. */
  limit(caller: { key: string }): Promise<{ success: boolean }>;
}
