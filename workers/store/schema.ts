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
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Prediction } from '../../common/prediction.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

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
    input: jsonb('input').$type<Prediction['input']>().notNull(),
    label: text('label').notNull(),
    probability: doublePrecision('probability').notNull(),
    threshold: doublePrecision('threshold').notNull(),
    risk: text('risk').notNull(),
    warnings: jsonb('warnings').$type<Prediction['warnings']>().notNull(),
  },
  (table) => [
    // The order of the history; read backwards for the newest first.
    index('predictions_history').on(table.createdAt, table.id),
    index('predictions_identifier_history').on(table.identifier, table.createdAt, table.id),
    check('predictions_probability_range', sql`${table.probability} between 0 and 1`),
    check('predictions_threshold_range', sql`${table.threshold} between 0 and 1`),
  ],
);

/** What really happened, as it was recorded over time: the latest row of a prediction holds. */
export const outcomes = pgTable(
  'outcomes',
  {
    id: uuid('id').primaryKey(),
    predictionId: uuid('prediction_id')
      .notNull()
      .references(() => predictions.id, { onDelete: 'cascade' }),
    label: text('label').notNull(),
    observedOn: date('observed_on', { mode: 'string' }).notNull(),
    recordedAt: time('recorded_at').notNull(),
    keyId: text('key_id'),
  },
  (table) => [index('outcomes_prediction').on(table.predictionId, desc(table.recordedAt))],
);

/**
 * What was erased, when and by whom. Until no message on its way can bring an erased prediction back, a row also says which
 * ones those are; then `identifier` is blanked, so that the audit itself holds no personal data.
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
    /** Which model served the first request, as "name/version". */
    model: text('model').notNull(),
    claimedAt: time('claimed_at').notNull(),
  },
  (table) => [index('idempotency_keys_claimed_at').on(table.claimedAt)],
);
