import type { ExploreAnswer } from '../../common/api/answers.ts';
import { toExploreAnswer, toTrials, whyRefused } from '../../common/api/exploration-answer.ts';
import { readExploration } from '../../common/record/exploration.ts';
import { orThrow, ProblemError } from '../errors.ts';
import type { Predictor } from '../ports.ts';

/**
 * Predicts a record, or several values of one of its fields, and records nothing. Throws `invalid-exploration`, and
 * `invalid-record` for a record that is not valid whatever the value.
 */
export async function explore(
  { contract, contractSha256, validate, predict }: Predictor,
  body: unknown,
): Promise<ExploreAnswer> {
  const features = contract.features.map(({ name }) => name);
  const { request } = orThrow(readExploration(body, features), 'invalid-exploration');
  const violations = whyRefused(contract, validate, request);
  if (violations.length > 0) throw new ProblemError('invalid-record', { violations });
  const trials = toTrials(contract, validate, request);
  const records = trials.flatMap(({ validation }) => (validation.ok ? [validation.values] : []));
  return toExploreAnswer(contract, contractSha256, trials, records.length > 0 ? await predict(records) : []);
}
