import { v7 as uuidv7 } from 'uuid';
import type { BinaryOutcome } from '../contract/outputs/binary.ts';
import type { PredictionFields } from '../history/prediction.ts';

/** A prediction of a binary model. */
export type BinaryPrediction = PredictionFields & BinaryOutcome;

/** A made-up prediction with an id of its own. */
export function made(changes: Partial<BinaryPrediction> = {}): BinaryPrediction {
  return {
    id: uuidv7(),
    createdAt: new Date().toISOString(),
    identifier: 7,
    keyId: null,
    model: { name: 'made-up', version: '1.2.3', sha256: 'a'.repeat(64), contractSha256: 'c'.repeat(64) },
    input: { métier: 'Développeur "C"', age: 41 },
    label: 'leaves',
    probability: 0.625,
    threshold: 0.5,
    risk: 'high',
    warnings: [],
    ...changes,
  };
}

/** A filter of the history that lets every prediction through. */
export const ANY = {
  from: null,
  to: null,
  modelVersion: null,
  label: null,
  risk: null,
  identifier: null,
  hasOutcome: null,
};
