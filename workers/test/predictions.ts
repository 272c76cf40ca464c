import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import type { Prediction } from '../../common/prediction.ts';
import { connect } from '../store/database.ts';
import { insertPredictions } from '../store/insert-predictions.ts';

/** A made-up prediction with an id of its own. */
export function made(changes: Partial<Prediction> = {}): Prediction {
  return {
    id: uuidv7(),
    createdAt: new Date().toISOString(),
    identifier: 7,
    keyId: null,
    model: { name: 'made-up', version: '1.2.3', sha256: 'a'.repeat(64) },
    input: { métier: 'Développeur "C"', age: 41 },
    label: 'leaves',
    probability: 0.625,
    threshold: 0.5,
    risk: 'high',
    warnings: [],
    ...changes,
  };
}

/** Stores predictions in the database of the worker under test. */
export async function store(...predictions: Prediction[]): Promise<void> {
  const refused = await insertPredictions(connect(env.DATABASE_URL ?? ''), predictions);
  for (const reason of refused.values()) throw reason;
}
