import type { BinaryExpectation, BinaryOutcome, BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import { formatPercent, type Language } from '../../language.ts';
import { Gauge } from './gauge.tsx';
import { predictedLabel, RiskBadge, riskLabel } from './risk.tsx';
import { spoken, standing } from './texts.ts';

type Props = {
  output: BinaryOutput;
  outcome: BinaryOutcome;
  reference: BinaryExpectation | null;
  language: Language;
};

/** The answer: as a gauge, in words, and aloud. */
export function Answer({ output, outcome, reference, language }: Props) {
  const { label, probability, risk, threshold } = outcome;
  const isPositive = label === output.positive.value;
  return (
    <>
      <Gauge
        output={output}
        outcome={outcome}
        reference={reference && reference.probability !== probability ? reference.probability : null}
        language={language}
        label={describeOutcome(output, outcome, language)}
      />
      <p class="verdict">
        <data value={probability} class="unseen">
          {formatPercent(language, probability)}
        </data>
        <RiskBadge output={output} risk={risk} language={language} />{' '}
        <strong>{predictedLabel(output, label, language)}</strong>
        <span class="small quiet">{standing(isPositive, formatPercent(language, threshold))[language]}</span>
      </p>
    </>
  );
}

/** The answer as a sentence. */
export function describeOutcome(
  output: BinaryOutput,
  { label, probability, risk }: BinaryOutcome,
  language: Language,
): string {
  const words = [predictedLabel(output, label, language), riskLabel(output, risk, language)] as const;
  return spoken(formatPercent(language, probability), ...words)[language];
}
