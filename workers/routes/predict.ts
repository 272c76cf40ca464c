import { Hono } from 'hono';
import type { Contract } from '../../common/contract.ts';
import { toOutcome } from '../../common/outcome.ts';
import type { Prediction } from '../../common/prediction.ts';
import type { Validation } from '../../common/validation.ts';
import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import { limitPredictions } from '../middleware/rate-limit.ts';
import type { AppEnv } from '../middleware/services.ts';
import type { PredictionLog } from '../ports.ts';
import { toPublicWarnings } from '../public-warnings.ts';
import { readJson } from '../read-json.ts';
import type { Services } from '../services.ts';

/** One record of even a wide table is far smaller, and its prediction must fit in a queue message of 128 KB. */
const MAX_BODY_BYTES = 64 * 1024;

export const predict = new Hono<AppEnv>().post('/v1/predict', limitPredictions, async (context) => {
  const services = context.var.services;
  const body = await readJson(context.req.raw, MAX_BODY_BYTES);
  const prediction = await services.models.use(async (predictor) => {
    const valid = orRefuse(predictor.validate(body));
    const [probability] = await predictor.predict([valid.record]);
    return describe(services, predictor.contract, valid, probability);
  });
  const recorded = await record(services.predictionLog, prediction);
  return context.json(toAnswer(prediction, recorded));
});

type Valid = Extract<Validation, { ok: true }>;

function orRefuse(validation: Validation): Valid {
  if (!validation.ok) throw new ProblemError('invalid-record', { violations: validation.violations });
  return validation;
}

function describe(
  { newId, now }: Services,
  contract: Contract,
  valid: Valid,
  probability: number | undefined,
): Prediction {
  if (probability === undefined) throw new Error('the graph answered no probability for the record');
  const { name, version, graph, output } = contract;
  return {
    id: newId(),
    createdAt: now().toISOString(),
    identifier: valid.identifier,
    model: { name, version, sha256: graph.sha256 },
    input: valid.record,
    ...toOutcome(output, probability),
    warnings: valid.warnings,
  };
}

/** Whether the prediction will be kept: `queued` to be stored, `failed` to be, or `off` where nothing is recorded. */
type Recorded = 'queued' | 'failed' | 'off';

/** A prediction that cannot be recorded is still answered; the answer says so. */
async function record(log: PredictionLog | null, prediction: Prediction): Promise<Recorded> {
  if (!log) return 'off';
  try {
    await log.record(prediction);
    return 'queued';
  } catch (error) {
    logEvent('error', 'prediction not queued', { id: prediction.id, cause: causeOf(error) });
    return 'failed';
  }
}

function toAnswer({ id, label, probability, threshold, risk, model, warnings }: Prediction, recorded: Recorded) {
  return {
    id,
    label,
    probability,
    threshold,
    risk,
    model: { ...model, sha256: model.sha256.slice(0, 12) },
    warnings: toPublicWarnings(warnings),
    recorded,
  };
}
