import { sql } from 'drizzle-orm';
import { bigint, check, doublePrecision, index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Prediction } from '../../common/prediction.ts';

/** One row a prediction. The id is the prediction's UUIDv7, so a message that is delivered twice is stored once. */
export const predictions = pgTable(
  'predictions',
  {
    id: uuid('id').primaryKey(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    identifier: bigint('identifier', { mode: 'number' }),
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
    index('predictions_created_at').on(table.createdAt),
    index('predictions_identifier').on(table.identifier),
    check('predictions_probability_range', sql`${table.probability} between 0 and 1`),
    check('predictions_threshold_range', sql`${table.threshold} between 0 and 1`),
  ],
);
