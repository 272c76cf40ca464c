import type { Contract } from '../../common/contract/contract.ts';
import type { Prediction } from '../../common/history/prediction.ts';
import { createValidator } from '../../common/record/validation.ts';
import type { Claim, Predictor, Records } from '../ports.ts';

/** A predictor without a graph: every record has the same probability. */
export function predictorOf(contract: Contract, probability = 0.5): Predictor {
  return {
    contract,
    contractJson: JSON.stringify(contract),
    contractSha256: 'c'.repeat(64),
    validate: createValidator(contract),
    predict: async (records) => records.map(() => probability),
  };
}

/** Records in memory. `log` stores at once; `stored` is what it has. */
export function recordsInMemory() {
  const stored = new Map<string, Prediction>();
  const claims = new Map<string, Claim>();
  const records: Pick<Records, 'log' | 'idempotencyKeys'> & { history: Pick<Records['history'], 'findAll'> } = {
    log: {
      async record(predictions) {
        for (const prediction of predictions) stored.set(prediction.id, prediction);
        return predictions.map(() => 'stored');
      },
    },
    history: { findAll: async (ids) => ids.flatMap((id) => stored.get(id) ?? []) },
    idempotencyKeys: {
      async claim(key, claim) {
        const holds = claims.get(key) ?? claim;
        claims.set(key, holds);
        return holds;
      },
    },
  };
  return { records, stored };
}
