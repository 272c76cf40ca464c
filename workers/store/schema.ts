import { desc, sql } from 'drizzle-orm';
import {
  bigint,
  check,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { MulticlassOutcome } from '../../common/contract/outputs/multiclass.ts';
import type { RegressionOutcome } from '../../common/contract/outputs/regression.ts';
import type { Prediction } from '../../common/history/prediction.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/**
 * Every model version that has stored predictions, and the sha256 of its graph and of its contract: a version never has two of
 * either. A trigger on `predictions` (migration 0005) fills and compares the rows. So the rule also holds for older code, and for
 * late messages of a version that no longer serves.
 */
export const models = pgTable(
  'models',
  {
    name: text('name').notNull(),
    version: text('version').notNull(),
    sha256: text('sha256').notNull(),
    /** Null until a prediction says it: older code did not. */
    contractSha256: text('contract_sha256'),
  },
  (table) => [
    primaryKey({ columns: [table.name, table.version] }),
    check('models_name_given', sql`${table.name} <> ''`),
    check('models_version_format', sql`${table.version} ~ '^[0-9]+[.][0-9]+[.][0-9]+$'`),
    check('models_sha256_format', sql`${table.sha256} ~ '^[0-9a-f]{64}$'`),
    check('models_contract_sha256_format', sql`${table.contractSha256} ~ '^[0-9a-f]{64}$'`),
  ],
);

/** One row a prediction. The id is the prediction's UUIDv7, so a message that is delivered twice is stored once. */
export const predictions = pgTable(
  'predictions',
  {
    id: uuid('id').primaryKey(),
    createdAt: time('created_at').notNull(),
    identifier: bigint('identifier', { mode: 'number' }),
    keyId: text('key_id'),
    modelName: text('model_name').notNull(),
    modelVersion: text('model_version').notNull(),
    modelSha256: text('model_sha256').notNull(),
    /** Null: recorded before contract digests were kept. */
    contractSha256: text('contract_sha256'),
    input: jsonb('input').$type<Prediction['input']>().notNull(),
    // The fields of an outcome. Those that its kind does not have are null.
    label: text('label'),
    probability: doublePrecision('probability'),
    threshold: doublePrecision('threshold'),
    risk: text('risk'),
    probabilities: jsonb('probabilities').$type<MulticlassOutcome['probabilities']>(),
    value: doublePrecision('value'),
    unit: text('unit'),
    interval: jsonb('interval').$type<NonNullable<RegressionOutcome['interval']>>(),
    warnings: jsonb('warnings').$type<Prediction['warnings']>().notNull(),
  },
  (table) => [
    // The order of the history. It is read backwards, for the newest first.
    index('predictions_history').on(table.createdAt, table.id),
    index('predictions_identifier_history').on(table.identifier, table.createdAt, table.id),
    // For a filter that few rows match, or none (a version's first day, a rare band): else all rows would be read.
    index('predictions_version_history').on(table.modelVersion, table.createdAt, table.id),
    index('predictions_label_history').on(table.label, table.createdAt, table.id),
    index('predictions_risk_history').on(table.risk, table.createdAt, table.id),
    // The highest first, for who looks for the people at risk.
    index('predictions_probability_history').on(table.probability, table.createdAt, table.id),
    check('predictions_probability_range', sql`${table.probability} between 0 and 1`),
    check('predictions_threshold_range', sql`${table.threshold} between 0 and 1`),
    index('predictions_value_history')
      .on(table.value, table.createdAt, table.id)
      .where(sql`${table.value} is not null`),
    // Binary, multiclass or regression: each has its own fields.
    check(
      'predictions_outcome_whole',
      sql`case when ${table.value} is not null then ${table.label} is null and ${table.probability} is null and ${table.threshold} is null and ${table.probabilities} is null
        when ${table.probabilities} is not null then ${table.label} is not null and ${table.probability} is not null and ${table.threshold} is null
        else ${table.label} is not null and ${table.probability} is not null and ${table.threshold} is not null and ${table.risk} is not null end`,
    ),
    check('predictions_value_finite', sql`${table.value} between -1.7976931348623157e308 and 1.7976931348623157e308`),
    check('predictions_probabilities_object', sql`jsonb_typeof(${table.probabilities}) = 'object'`),
    check('predictions_interval_object', sql`jsonb_typeof(${table.interval}) = 'object'`),
    check('predictions_identifier_positive', sql`${table.identifier} > 0`),
    // The contract of each version says which labels and bands there are.
    check('predictions_label_given', sql`${table.label} <> ''`),
    check('predictions_risk_given', sql`${table.risk} <> ''`),
    check('predictions_input_object', sql`jsonb_typeof(${table.input}) = 'object'`),
    check('predictions_warnings_array', sql`jsonb_typeof(${table.warnings}) = 'array'`),
  ],
);

/** Observed outcomes, as they were recorded over time. The latest row of a prediction holds. */
export const outcomes = pgTable(
  'outcomes',
  {
    id: uuid('id').primaryKey(),
    predictionId: uuid('prediction_id')
      .notNull()
      .references(() => predictions.id, { onDelete: 'cascade' }),
    /** A label, or the number of a regression. */
    label: text('label'),
    value: doublePrecision('value'),
    observedOn: date('observed_on', { mode: 'string' }).notNull(),
    recordedAt: time('recorded_at').notNull(),
    keyId: text('key_id'),
  },
  (table) => [
    index('outcomes_prediction').on(table.predictionId, desc(table.recordedAt)),
    check('outcomes_label_given', sql`${table.label} <> ''`),
    check('outcomes_one_given', sql`num_nonnulls(${table.label}, ${table.value}) = 1`),
    check('outcomes_value_finite', sql`${table.value} between -1.7976931348623157e308 and 1.7976931348623157e308`),
  ],
);

/**
 * The audit of erasures: how many predictions, when and by whom. A row also names the erased predictions while a message on its
 * way could bring one back. Then `identifier` is blanked, so that the audit holds no personal data.
 */
export const erasures = pgTable(
  'erasures',
  {
    id: uuid('id').primaryKey(),
    erasedAt: time('erased_at').notNull(),
    kind: text('kind', { enum: ['prediction', 'identifier', 'retention'] }).notNull(),
    keyId: text('key_id'),
    requestId: text('request_id'),
    predictionId: uuid('prediction_id'),
    identifier: bigint('identifier', { mode: 'number' }),
    /** Predictions made before this time were erased. */
    madeBefore: time('made_before'),
    predictions: integer('predictions').notNull(),
  },
  (table) => [
    index('erasures_identifier').on(table.identifier),
    index('erasures_prediction').on(table.predictionId),
    check('erasures_kind', sql`${table.kind} in ('prediction', 'identifier', 'retention')`),
    check('erasures_predictions_counted', sql`${table.predictions} >= 0`),
  ],
);

/** Requests that were made under an Idempotency-Key. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** sha256 of the caller and the key, in hexadecimal. */
    key: text('key').primaryKey(),
    /** sha256 of the request, in hexadecimal. */
    fingerprint: text('fingerprint').notNull(),
    /** Which model served the first request, as "name/version/sha256 of the contract". */
    model: text('model').notNull(),
    claimedAt: time('claimed_at').notNull(),
  },
  (table) => [index('idempotency_keys_claimed_at').on(table.claimedAt)],
);
