import type { Contract } from '../contract/contract.ts';
import { type Outcome, outputKind, type RawOutput, toBrief } from '../contract/outputs/outputs.ts';
import type { Validation, Validator } from '../record/validation.ts';
import type { Violation } from '../record/violation.ts';
import type { ExploreAnswer, ExplorePoint, ExploreRequest } from './answers.ts';
import { identifyModel, toFieldWarnings, toModelName } from './prediction-answer.ts';
import { toFieldError } from './problems.ts';

/** One record of an exploration, and the value that it tries; null where nothing is varied. */
export type Trial = { value: ExplorePoint['value']; validation: Validation };

/** The records of an exploration, checked. The varied field must be a feature of the contract, by its canonical name. */
export function toTrials({ features }: Contract, validate: Validator, { record, vary }: ExploreRequest): Trial[] {
  if (!vary) return [{ value: null, validation: validate(record) }];
  const { field, values } = vary;
  const aliases = features.find(({ name }) => name === field)?.aliases ?? [];
  const others = Object.entries(record).filter(([name]) => !aliases.includes(name));
  return values.map((value) => ({ value, validation: validate(Object.fromEntries([...others, [field, value]])) }));
}

/** The violations outside the varied field: they refuse the record for every tried value. */
export function whyRefused(contract: Contract, validate: Validator, { record, vary }: ExploreRequest): Violation[] {
  // One value is enough: every other one would give the same violations.
  const one = vary ? { record, vary: { ...vary, values: vary.values.slice(0, 1) } } : { record };
  const [trial] = toTrials(contract, validate, one);
  if (!trial || trial.validation.ok) return [];
  const { violations } = trial.validation;
  return vary ? violations.filter(({ fields }) => !fields.includes(vary.field)) : violations;
}

/** The answer of POST /v1/explore. `raw` has the graph's output of each valid trial, in order. */
export function toExploreAnswer(
  contract: Contract,
  contractSha256: string | null,
  trials: readonly Trial[],
  raw: readonly RawOutput[],
): ExploreAnswer {
  const { output } = contract;
  const { toOutcome } = outputKind(output);
  let next = 0;
  const points = trials.map(({ value, validation }): ExplorePoint => {
    if (!validation.ok) return { value, errors: validation.violations.map(toFieldError) };
    const one = raw[next++];
    if (one === undefined) throw new Error('the graph answered for too few records');
    return { value, ...toPoint(toOutcome(one)), warnings: toFieldWarnings(validation.warnings) };
  });
  return {
    points,
    ...('threshold' in output && { threshold: output.threshold }),
    model: toModelName(identifyModel(contract, contractSha256)),
  };
}

/** Apart where the outcome has a field `value` of its own. */
function toPoint(outcome: Outcome) {
  const brief = toBrief(outcome);
  return 'value' in brief ? { outcome: brief } : brief;
}
