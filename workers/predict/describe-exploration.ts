import type { ExploreAnswer, ExplorePoint, ExploreRequest } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { outputKind } from '../../common/contract/outputs/outputs.ts';
import type { Validation, Validator } from '../../common/record/validation.ts';
import type { Violation } from '../../common/record/violation.ts';
import { toFieldError } from '../errors.ts';
import { toFieldWarnings, toModelName } from './describe-prediction.ts';

/** One of the records that an exploration predicts, with the value that it tries; null where nothing is varied. */
export type Trial = { value: ExplorePoint['value']; validation: Validation };

/** The records that an exploration is about, checked. What is varied must be a feature of the contract, by its own name. */
export function toTrials({ features }: Contract, validate: Validator, { record, vary }: ExploreRequest): Trial[] {
  if (!vary) return [{ value: null, validation: validate(record) }];
  const { field, values } = vary;
  const aliases = features.find(({ name }) => name === field)?.aliases ?? [];
  const others = Object.entries(record).filter(([name]) => !aliases.includes(name));
  return values.map((value) => ({ value, validation: validate(Object.fromEntries([...others, [field, value]])) }));
}

/** Why the record is refused whatever is tried: what is wrong with it beside the field that is varied. */
export function whyRefused(contract: Contract, validate: Validator, { record, vary }: ExploreRequest): Violation[] {
  // The others would be refused for the same, each at the same length.
  const one = vary ? { record, vary: { ...vary, values: vary.values.slice(0, 1) } } : { record };
  const [trial] = toTrials(contract, validate, one);
  if (!trial || trial.validation.ok) return [];
  const { violations } = trial.validation;
  return vary ? violations.filter(({ fields }) => !fields.includes(vary.field)) : violations;
}

/** What an exploration answers. `probabilities` are those of the valid trials, in order. */
export function toExploreAnswer(
  { name, version, graph, output }: Contract,
  trials: readonly Trial[],
  probabilities: readonly number[],
): ExploreAnswer {
  const { toOutcome } = outputKind(output);
  let next = 0;
  const points = trials.map(({ value, validation }): ExplorePoint => {
    if (!validation.ok) return { value, errors: validation.violations.map(toFieldError) };
    const probability = probabilities[next++];
    if (probability === undefined) throw new Error('the graph answered too few probabilities');
    const { threshold: _, ...point } = toOutcome(probability);
    return { value, ...point, warnings: toFieldWarnings(validation.warnings) };
  });
  return {
    points,
    threshold: output.threshold,
    model: toModelName({ name, version, sha256: graph.sha256 }),
  };
}
