import * as z from 'zod';
import { FeatureValue } from '../contract/features/kind.ts';
import { type Outcome, withRecordedOutcome } from '../contract/outputs/outputs.ts';
import { Warning } from '../record/violation.ts';

/** What is recorded of a prediction beside its outcome. */
export const PredictionFields = z.object({
  /** UUIDv7: unique, and ordered by the time of the prediction. */
  id: z.uuidv7(),
  createdAt: z.iso.datetime(),
  identifier: z.number().int().positive().nullable(),
  /** Which API key asked for it; null for a caller without one. */
  keyId: z.string().nullable().default(null),
  model: z.object({
    name: z.string(),
    version: z.string(),
    /** Of the graph. */
    sha256: z.string(),
    /**
     * Of contract.json as it is stored, byte for byte: it covers threshold, rules, order of the columns and the graph's sha256.
     * Null: recorded before contract digests were kept.
     */
    contractSha256: z.string().nullable().default(null),
  }),
  /** The record in canonical spelling, by feature name. */
  input: z.record(z.string(), FeatureValue),
  warnings: z.array(Warning),
});
export type PredictionFields = z.infer<typeof PredictionFields>;

/** One prediction as it is recorded: the answer, its input and the model that gave it. */
export const Prediction = withRecordedOutcome(PredictionFields.shape);
export type Prediction = PredictionFields & Outcome;

/** The part of a prediction that is answered: the caller has the input. `missing` names the fields that were null. */
export type AnsweredPrediction = Omit<PredictionFields, 'input'> & Outcome & { missing?: readonly string[] };
