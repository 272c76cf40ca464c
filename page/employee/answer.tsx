import type { Contract } from '../../common/contract/contract.ts';
import type { Feature } from '../../common/contract/features/features.ts';
import type { Expectation } from '../../common/contract/outputs/outputs.ts';
import type { Text } from '../../common/contract/text.ts';
import type { Warning } from '../../common/record/violation.ts';
import { featureControl } from '../features/controls.ts';
import { colon, type Language } from '../language.ts';
import { outputView } from '../outputs/views.ts';
import { changedFields, type Entries, readEntry } from './form-record.ts';
import { comparedWith, texts } from './texts.ts';

/** The example or the latest prediction that the form is compared with. */
export type Reference = { entries: Entries; value: Expectation; example: Text | null };

type WhatIfProps = {
  contract: Contract;
  language: Language;
  reference: Reference;
  entries: Entries;
  value: Expectation;
  undo(): void;
};

/** The fields that differ from the reference, and how the outcome differs by them. */
export function WhatIf({ contract, language, reference, entries, value, undo }: WhatIfProps) {
  const changed = changedFields(contract, reference.entries, entries);
  if (changed.length === 0) return null;
  const { describeValue, describeChange } = outputView(contract.output);
  return (
    <section class="what-if" aria-label={texts.whatIf[language]}>
      <p>
        {comparedWith(reference.example)[language]} ({describeValue(reference.value, language)}){' '}
        <strong class="numbers">{describeChange(reference.value, value, language)}</strong>
      </p>
      <ul>
        {changed.map((feature) => (
          <li key={feature.name}>
            {feature.label[language]}{' '}
            <span class="numbers">
              {describeEntry(feature, reference.entries, language)} → <b>{describeEntry(feature, entries, language)}</b>
            </span>
          </li>
        ))}
      </ul>
      <button type="button" class="plain" onClick={undo}>
        {texts.undo[language]}
      </button>
    </section>
  );
}

function describeEntry(feature: Feature, entries: Entries, language: Language): string {
  const value = readEntry(feature, entries);
  return value === undefined ? texts.notSet[language] : featureControl(feature).describe(value, language);
}

type WarningsProps = { contract: Contract; language: Language; warnings: readonly Warning[] };

export function Warnings({ contract: { features }, language, warnings }: WarningsProps) {
  if (warnings.length === 0) return null;
  return (
    <div class="caution">
      <h3>{texts.warnings[language]}</h3>
      <ul class="small">
        {warnings.map(({ fields, message }) => (
          <li key={fields.join()}>
            <b>
              {features
                .filter(({ name }) => fields.includes(name))
                .map(({ label }) => label[language])
                .join(', ')}
            </b>
            {colon(language)}
            {message[language]}
          </li>
        ))}
      </ul>
    </div>
  );
}
