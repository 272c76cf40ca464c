import * as z from 'zod';
import { FeatureValue } from '../contract/features/kind.ts';
import { BinaryOutcome } from '../contract/outputs/binary.ts';
import { MulticlassOutcome } from '../contract/outputs/multiclass.ts';
import { type Outcome, withOutcome } from '../contract/outputs/outputs.ts';
import { RegressionOutcome } from '../contract/outputs/regression.ts';
import { PredictionFields } from '../history/prediction.ts';
import { Scope } from './scope.ts';

/**
 * The API's answers, as zod schemas: the routes' types, the client's parsers and the OpenAPI document all come from here.
 * Strict, so that a test notices a field that is added or lost.
 */

type Fields<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

export const FieldError = z.strictObject({
  /** Canonical names; more than one for a rule between fields, none for the record as a whole. */
  fields: z.array(z.string()),
  rule: z.string(),
  detail: z.string(),
});
export type FieldError = z.infer<typeof FieldError>;

export const FieldWarning = z.strictObject({ fields: z.array(z.string()), code: z.string(), detail: z.string() });
export type FieldWarning = z.infer<typeof FieldWarning>;

/** A problem, as RFC 9457 has it, with this API's `errors`. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  errors: z.array(FieldError).optional(),
});
export type Problem = z.infer<typeof Problem>;

/**
 * The state of a prediction's record. `stored`: it is in the database. `queued` or `spooled`: it is kept safely, to be stored
 * later. `pending`: the answer did not wait for it. `failed`: it is lost, unless a write that was given up as too slow succeeded
 * after all. `off`: nothing is recorded.
 */
export const Recorded = z.enum(['stored', 'queued', 'spooled', 'pending', 'failed', 'off']);
export type Recorded = z.infer<typeof Recorded>;

/** What answered. Of each sha256 the first 12 digits: the record has it whole. */
const ModelName = z.strictObject({
  name: z.string(),
  version: z.string(),
  /** Of the graph. */
  sha256: z.string().length(12),
  /**
   * Of contract.json, which covers the graph's. Null for an earlier prediction that is answered again, and was recorded before
   * contract digests were kept.
   */
  contractSha256: z.string().length(12).nullable().default(null),
});

/** The names of the fields that were missing, of those that may be; absent where none was. */
const missing = z.array(z.string()).optional();

const afterOutcome = { missing, model: ModelName, warnings: z.array(FieldWarning), recorded: Recorded };

/** POST /v1/predict */
export const PredictAnswer = withOutcome({ id: z.uuidv7() }, afterOutcome);
export type PredictAnswer = { id: string } & Outcome & Fields<typeof afterOutcome>;

/** POST /v1/validate. `record` is how the fields were understood, in canonical spelling; null where it is not valid. */
export const ValidateAnswer = z.strictObject({
  valid: z.boolean(),
  record: PredictionFields.shape.input.nullable(),
  identifier: z.int().positive().nullable(),
  errors: z.array(FieldError),
  warnings: z.array(FieldWarning),
});
export type ValidateAnswer = z.infer<typeof ValidateAnswer>;

/** How many values one exploration may try. */
const MAX_POINTS = 200;

/** POST /v1/explore. `record` as predict takes it. Each value of `vary` in turn replaces the record's own value of the field. */
export const ExploreRequest = z.strictObject({
  record: z.record(z.string(), z.unknown()),
  vary: z
    .strictObject({
      /** A feature of the contract, by its canonical name. */
      field: z.string(),
      values: z.array(FeatureValue).min(1).max(MAX_POINTS),
    })
    .optional(),
});
export type ExploreRequest = z.infer<typeof ExploreRequest>;

/** The value that was tried, as it was sent; null where nothing was varied. */
const Tried = { value: FeatureValue };
type Tried = { value: FeatureValue };

const warned = { warnings: z.array(FieldWarning) };
const { threshold, ...binary } = BinaryOutcome.shape;
/** A binary outcome lacks the threshold: the answer has it once. That of a regression is apart: its value is not the tried one. */
export const ExploredPoint = z.union([
  z.strictObject({ ...Tried, ...binary, ...warned }),
  z.strictObject({ ...Tried, ...MulticlassOutcome.shape, ...warned }),
  z.strictObject({ ...Tried, outcome: RegressionOutcome, ...warned }),
]);
/** A value with which the record is not valid. */
const RefusedPoint = z.strictObject({ ...Tried, errors: z.array(FieldError).min(1) });

export const ExplorePoint = z.union([ExploredPoint, RefusedPoint]);
export type ExplorePoint = Tried &
  (
    | ((Omit<BinaryOutcome, 'threshold'> | MulticlassOutcome | { outcome: RegressionOutcome }) & {
        warnings: FieldWarning[];
      })
    | { errors: FieldError[] }
  );

const Points = { points: z.array(ExplorePoint) };
/** One point for each value, in order; a single one where nothing was varied. A binary output's answer has the threshold. */
export const ExploreAnswer = z.union([
  z.strictObject({ ...Points, threshold, model: ModelName }),
  z.strictObject({ ...Points, model: ModelName }),
]);
export type ExploreAnswer = { points: ExplorePoint[]; threshold?: number; model: z.infer<typeof ModelName> };

/** How much a page shows: an estimate; also files, the history, and requests with their responses; or all but the latter. */
export const PageLevel = z.enum(['simple', 'functional', 'production']);
export type PageLevel = z.infer<typeof PageLevel>;

/** GET /v1/capabilities */
export const Capabilities = z.strictObject({
  level: PageLevel,
  /** Whether predictions are recorded, and can be read. */
  history: z.boolean(),
  batch: z.strictObject({ maxRows: z.int().positive(), maxBytes: z.int().positive() }),
  /** The scopes of callers without an API key. */
  publicScopes: z.array(Scope),
  /** The scopes of this caller's API key; empty without a key. */
  scopes: z.array(Scope),
});
export type Capabilities = z.infer<typeof Capabilities>;

/** Where a row came from: its line (of text), or its position from 1 (in a JSON array); `file` names the extract. */
const Place = { line: z.int().positive(), file: z.string().optional() };

const beforeBatchOutcome = { ...Place, identifier: z.int().positive().nullable(), id: z.uuidv7() };
const afterBatchOutcome = { missing, warnings: z.array(FieldWarning), recorded: Recorded };
export const BatchPrediction = withOutcome(beforeBatchOutcome, afterBatchOutcome);
export const BatchRefusal = z.strictObject({ ...Place, problem: Problem });
export type BatchPrediction = Fields<typeof beforeBatchOutcome> & Outcome & Fields<typeof afterBatchOutcome>;
export type BatchRefusal = z.infer<typeof BatchRefusal>;
/** One row of a batch: predicted, or refused with the reason. */
export const BatchResult = z.union([BatchPrediction, BatchRefusal]);
export type BatchResult = BatchPrediction | BatchRefusal;

/** What was done with a file so that it could be read. `fields` are names as the file has them. */
export const BatchNote = z.strictObject({
  rule: z.string(),
  fields: z.array(z.string()),
  detail: z.string(),
  file: z.string().optional(),
});
export type BatchNote = z.infer<typeof BatchNote>;

export const BatchSummary = z.strictObject({
  rows: z.int().nonnegative(),
  predicted: z.int().nonnegative(),
  refused: z.int().nonnegative(),
  /** How many predictions are `failed`: neither the queue, the database nor R2 took their records. */
  notRecorded: z.int().nonnegative(),
  model: ModelName,
  /** Why the batch ended before its last row; absent where it did not. */
  stopped: Problem.optional(),
  /** How the file was read, where that was not plain: its encoding, columns and lines that were left out. */
  notes: z.array(BatchNote).optional(),
});
export type BatchSummary = z.infer<typeof BatchSummary>;

/** POST /v1/predict/batch as JSON. As NDJSON: a BatchResult a line, then one BatchEnd. */
export const BatchAnswer = z.strictObject({ results: z.array(BatchResult), summary: BatchSummary });
export type BatchAnswer = { results: BatchResult[]; summary: BatchSummary };
export const BatchEnd = z.strictObject({ summary: BatchSummary });
export type BatchEnd = z.infer<typeof BatchEnd>;

const observed = {
  /** The day on which it was observed. */
  observedOn: z.iso.date(),
  recordedAt: z.iso.datetime(),
  /** Which API key recorded it. */
  keyId: z.string().nullable(),
};
/** An observed outcome, as a caller recorded it: a label, or the number of a regression. */
export const OutcomeEntry = z.union([
  z.strictObject({ label: z.string(), ...observed }),
  z.strictObject({ value: z.number(), ...observed }),
]);
export type OutcomeEntry = z.infer<typeof OutcomeEntry>;

const { warnings: _, ...beforeStoredOutcome } = PredictionFields.shape;
const afterStoredOutcome = { warnings: z.array(FieldWarning), outcome: OutcomeEntry.nullable() };
/** A prediction as the history shows it. `outcome` is the latest one that was recorded. */
export const StoredPrediction = withOutcome(beforeStoredOutcome, afterStoredOutcome);
export type StoredPrediction = Omit<PredictionFields, 'warnings'> & Outcome & Fields<typeof afterStoredOutcome>;

const outcomes = { outcomes: z.array(OutcomeEntry) };
/** GET /v1/predictions/{id}: with every outcome that was recorded, the latest first. */
export const PredictionDetail = withOutcome(beforeStoredOutcome, { ...afterStoredOutcome, ...outcomes });
export type PredictionDetail = StoredPrediction & Fields<typeof outcomes>;

/** GET /v1/predictions, the newest first. `nextCursor` is null on the last page. */
export const PredictionPage = z.strictObject({
  items: z.array(StoredPrediction),
  nextCursor: z.string().nullable(),
  /** How many match, on all pages together; absent where it was not asked for. Counting stops at a limit: there are more, then. */
  total: z.strictObject({ count: z.int().nonnegative(), isExact: z.boolean() }).optional(),
});
export type PredictionPage = Omit<z.infer<typeof PredictionPage>, 'items'> & { items: StoredPrediction[] };

/** PUT /v1/predictions/{id}/outcome */
export const LabelRequest = z.strictObject({
  /** One of the labels of the model that made the prediction, which need not be the one that serves. */
  label: z.string(),
  observedOn: z.iso.date(),
});
export const ValueRequest = z.strictObject({ value: z.number(), observedOn: z.iso.date() });
export const OutcomeRequest = z.union([LabelRequest, ValueRequest]);
export type OutcomeRequest = z.infer<typeof OutcomeRequest>;

/** DELETE /v1/predictions/{id} and DELETE /v1/predictions?identifier=N. `id` is that of the audit row. */
export const ErasureAnswer = z.strictObject({
  id: z.uuidv7(),
  erasedAt: z.iso.datetime(),
  predictions: z.int().nonnegative(),
});
export type ErasureAnswer = z.infer<typeof ErasureAnswer>;
