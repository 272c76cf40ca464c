import { env } from 'cloudflare:workers';
import type { Prediction } from '../../common/history/prediction.ts';
import { connect } from '../store/database.ts';
import { insertPredictions } from '../store/insert-predictions.ts';

export { made } from '../../common/test/prediction.ts';

/** Stores predictions in the database of the worker under test. */
export async function store(...predictions: Prediction[]): Promise<void> {
  const refused = await insertPredictions(connect(env.DATABASE_URL ?? ''), predictions);
  for (const reason of refused.values()) throw reason;
}
