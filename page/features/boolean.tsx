import type { BooleanFeature } from '../../common/contract/features/boolean.ts';
import { type FeatureControl, MISSING } from './control.ts';

/** Two choices side by side, whose entries are "true" and "false". */
export function booleanControl({ values }: BooleanFeature): FeatureControl {
  return {
    choices: (language) => [
      { value: 'false', label: values.false.label[language] },
      { value: 'true', label: values.true.label[language] },
    ],
    describeRange: () => null,
    // The two choices are always shown instead.
    Control: () => null,
    readEntry: (entry) => entry === 'true',
    toEntry: String,
    describe(value, language) {
      if (typeof value === 'boolean') return (value ? values.true : values.false).label[language];
      return value === null ? MISSING[language] : String(value);
    },
    valuesToTry: () => [false, true],
    scale: null,
  };
}
