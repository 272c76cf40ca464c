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

/** Knows which version serves. Throws `model-unavailable` while none can. */
export interface ModelStore {
  current(): Promise<Predictor>;
}

/** Where predictions are kept. */
export interface PredictionLog {
  /** Hands the prediction over to be stored; resolves once it is accepted. */
  record(prediction: Prediction): Promise<void>;
  find(id: string): Promise<Prediction | null>;
  /** Resolves if the database answers. */
  ping(): Promise<void>;
}
