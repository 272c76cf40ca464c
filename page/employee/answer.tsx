import type { Contract } from '../../common/contract/contract.ts';
import type { Feature } from '../../common/contract/features/features.ts';
import type { Text } from '../../common/contract/text.ts';
import type { Warning } from '../../common/record/violation.ts';
import { featureControl } from '../features/controls.ts';
import { formatPercent, type Language } from '../language.ts';
import { outcomeLabel, RiskBadge, riskLabel } from '../risk.tsx';
import { changedFields, type Entries } from './form-record.ts';
import { Gauge } from './gauge.tsx';
import { comparedWith, spoken, standing, texts } from './texts.ts';

/** What the model says, whether it is recorded or only tried. */
export type Shown = { label: string; probability: number; risk: string; threshold: number };

/** What the form is compared with: an example, or the latest prediction. */
export type Reference = { entries: Entries; probability: number; example: Text | null };

type Props = { contract: Contract; language: Language; shown: Shown; reference: Reference | null };

/** The answer: as a gauge, in words, and aloud. */
export function Answer({ contract, language, shown, reference }: Props) {
  const { label, probability, risk, threshold } = shown;
  const percent = formatPercent(language, probability);
  const outcome = outcomeLabel(contract, label, language);
  const isPositive = label === contract.output.positive.value;
  return (
    <>
      <Gauge
        contract={contract}
        probability={probability}
        risk={risk}
        threshold={threshold}
        reference={reference && reference.probability !== probability ? reference.probability : null}
        language={language}
        label={describe(contract, shown, language)}
      />
      <p class="verdict">
        <data value={probability} class="unseen">
          {percent}
        </data>
        <RiskBadge contract={contract} risk={risk} language={language} /> <strong>{outcome}</strong>
        <span class="small quiet">{standing(isPositive, formatPercent(language, threshold))[language]}</span>
      </p>
    </>
  );
}

/** The answer as a sentence. */
export function describe(contract: Contract, { label, probability, risk }: Shown, language: Language): string {
  const percent = formatPercent(language, probability);
  const words = [outcomeLabel(contract, label, language), riskLabel(contract, risk, language)] as const;
  return spoken(percent, ...words)[language];
}

type WhatIfProps = {
  contract: Contract;
  language: Language;
  reference: Reference;
  entries: Entries;
  probability: number;
  undo(): void;
};

/** What differs from the reference, and what that does to the probability. */
export function WhatIf({ contract, language, reference, entries, probability, undo }: WhatIfProps) {
  const changed = changedFields(contract, reference.entries, entries);
  if (changed.length === 0) return null;
  const difference = probability - reference.probability;
  return (
    <section class="what-if" aria-label={texts.whatIf[language]}>
      <p>
        {comparedWith(reference.example)[language]} ({formatPercent(language, reference.probability)}){' '}
        <strong class="numbers">{formatPoints(difference, language)}</strong>
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
  const entry = entries[feature.name] ?? '';
  const { describe, readEntry } = featureControl(feature);
  return entry === '' ? texts.notSet[language] : describe(readEntry(entry), language);
}

/** A difference of shares, as "+5.1 points". */
function formatPoints(difference: number, language: Language): string {
  const points = (difference * 100).toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', {
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  return `${points} ${texts.points[language]}`;
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
            </b>{' '}
            {message[language]}
          </li>
        ))}
      </ul>
    </div>
  );
}
