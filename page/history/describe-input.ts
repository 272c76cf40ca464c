import type { StoredPrediction } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { createValidator } from '../../common/record/validation.ts';
import { MISSING } from '../features/control.ts';
import { featureControl } from '../features/controls.ts';
import type { Language } from '../language.ts';

type LabelledValue = { name: string; label: string; value: string };
/** `label` is null for fields that the contract does not know: they are of another version of the model. */
export type LabelledGroup = { id: string; label: string | null; values: LabelledValue[] };

/** A prediction's input in the words of the contract, in the order of its form. */
export function describeInput(
  input: StoredPrediction['input'],
  { groups, features }: Contract,
  language: Language,
): LabelledGroup[] {
  const known = new Set(features.map(({ name }) => name));
  const described = groups.map(({ id, label }) => ({
    id,
    label: label[language],
    values: features.flatMap((feature) => {
      const value = feature.group === id ? input[feature.name] : undefined;
      if (value === undefined) return [];
      return [
        {
          name: feature.name,
          label: feature.label[language],
          value: featureControl(feature).describe(value, language),
        },
      ];
    }),
  }));
  const others = Object.entries(input).filter(([name]) => !known.has(name));
  return [
    ...described,
    {
      id: '',
      label: null,
      values: others.map(([name, value]) => ({
        name,
        label: name,
        value: value === null ? MISSING[language] : String(value),
      })),
    },
  ].filter(({ values }) => values.length > 0);
}

/**
 * The warnings of a prediction in the page's language. The history has them in English only: where the contract is the one
 * that the prediction was made under, it has the words for both.
 */
export function describeWarnings(
  { input, warnings, model }: Pick<StoredPrediction, 'input' | 'warnings' | 'model'>,
  contract: Contract,
  language: Language,
): { fields: string[]; text: string }[] {
  const labelOf = new Map(contract.features.map(({ name, label }) => [name, label[language]]));
  const labels = (fields: readonly string[]) => fields.map((field) => labelOf.get(field) ?? field);
  if (model.version === contract.version && model.name === contract.name) {
    const validation = createValidator(contract)(input);
    if (validation.ok) {
      return validation.warnings.map(({ fields, message }) => ({ fields: labels(fields), text: message[language] }));
    }
  }
  return warnings.map(({ fields, detail }) => ({ fields: labels(fields), text: detail }));
}
