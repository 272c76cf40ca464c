import { Hono } from 'hono';
import type { ExploreRequest } from '../../common/api/answers.ts';
import { type ExplorationReading, readExploration } from '../../common/record/exploration.ts';
import { ProblemError } from '../errors.ts';
import { MAX_RECORD_BYTES, readJson } from '../http/read-json.ts';
import { allow } from '../middleware/authorise.ts';
import type { AppEnv } from '../middleware/services.ts';
import { toExploreAnswer, toTrials, whyRefused } from '../predict/describe-exploration.ts';

/** What predict would answer, for a record or for several values of one of its fields. Nothing is recorded. */
export const explore = new Hono<AppEnv>().post('/v1/explore', allow('predict'), async (context) => {
  const body = await readJson(context.req.raw, MAX_RECORD_BYTES);
  return context.get('services').models.use(async ({ contract, validate, predict }) => {
    context.get('event').modelVersion = contract.version;
    const request = orRefuse(
      readExploration(
        body,
        contract.features.map(({ name }) => name),
      ),
    );
    const violations = whyRefused(contract, validate, request);
    if (violations.length > 0) throw new ProblemError('invalid-record', { violations });
    const trials = toTrials(contract, validate, request);
    const records = trials.flatMap(({ validation }) => (validation.ok ? [validation.values] : []));
    context.get('event').rows = records.length;
    return context.json(toExploreAnswer(contract, trials, records.length > 0 ? await predict(records) : []));
  });
});

function orRefuse(reading: ExplorationReading): ExploreRequest {
  if (!reading.ok) throw new ProblemError('invalid-exploration', { violations: reading.violations });
  return reading.request;
}
