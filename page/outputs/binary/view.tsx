import type { BinaryExpectation, BinaryOutcome, BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import { formatPercent, type Language } from '../../language.ts';
import type { OutputView } from '../view.ts';
import { Answer, describeOutcome } from './answer.tsx';
import { Curve } from './curve.tsx';
import { Decision, Measures } from './model.tsx';
import { observedText } from './observed.ts';
import { predictedLabel, RiskBadge, riskLabel } from './risk.tsx';
import { texts } from './texts.ts';

/** A probability on a scale of risk bands, and the label on its side of the threshold. */
export function binaryView(output: BinaryOutput): OutputView<BinaryOutcome, BinaryExpectation> {
  const { positive, negative, bands } = output;
  const highestFirst = bands.toReversed();
  return {
    Answer: (props) => <Answer output={output} {...props} />,
    Brief: ({ outcome: { probability, risk }, language }) => (
      <>
        <b class="numbers">{formatPercent(language, probability)}</b>{' '}
        <RiskBadge output={output} risk={risk} language={language} />
      </>
    ),
    Recorded: ({ outcome: { probability, risk, label }, language }) => (
      <>
        <strong class="numbers">{formatPercent(language, probability)}</strong>
        <RiskBadge output={output} risk={risk} language={language} />
        <span>{predictedLabel(output, label, language)}</span>
      </>
    ),
    facts: ({ threshold }, language) => [{ term: texts.threshold[language], text: formatPercent(language, threshold) }],
    describe: (outcome, language) => describeOutcome(output, outcome, language),
    describeValue: ({ probability }, language) => formatPercent(language, probability),
    describeChange: formatPoints,

    outcomeOf({ points: [point], threshold }) {
      if (!point || !('risk' in point) || threshold === undefined) return null;
      const { label, probability, risk } = point;
      return { label, probability, threshold, risk };
    },
    curveHelp: texts.curveHelp,
    Curve: (props) => <Curve output={output} {...props} />,

    columns: [
      {
        id: 'probability',
        label: texts.probability,
        isNumber: true,
        isSecondary: false,
        rank: ({ probability }) => probability,
        show: ({ probability }, language) => formatPercent(language, probability),
      },
      {
        id: 'risk',
        label: texts.risk,
        isNumber: false,
        isSecondary: false,
        // The bands follow the probability.
        rank: ({ probability }) => probability,
        show: ({ risk }, language) => <RiskBadge output={output} risk={risk} language={language} />,
      },
      {
        id: 'label',
        label: texts.prediction,
        isNumber: false,
        isSecondary: true,
        rank: ({ probability }) => probability,
        show: ({ label }, language) => predictedLabel(output, label, language),
      },
    ],
    groups: highestFirst.map(({ id }) => ({
      id,
      describe: (language) => `${texts.risk[language]}\u2009: ${riskLabel(output, id, language).toLowerCase()}`,
    })),
    groupOf: ({ risk }) => risk,
    Counts: ({ counts, language }) => (
      <ul class="risk-counts">
        {highestFirst.map(({ id }) => (
          <li key={id}>
            <span class="numbers">{counts.get(id) ?? 0}</span> <RiskBadge {...{ output, language }} risk={id} />
          </li>
        ))}
      </ul>
    ),
    filters: [
      { name: 'risk', label: texts.risk, options: bands.map(({ id, label }) => ({ value: id, label })) },
      { name: 'label', label: texts.prediction, options: [negative, positive] },
    ],
    sorts: [{ value: 'probability', label: texts.highestFirst }],

    describeObserved: (observed, language) => observedText(output, `${observed}`)[language],
    observable: [positive, negative].map(({ value }) => value),

    drift: {
      label: texts.predictedProbability,
      histogram: (baseline) => ('probability' in baseline ? baseline.probability : null),
      binOf: ({ probability }) => probability,
    },

    Measures: (props) => <Measures output={output} {...props} />,
    Decision: (props) => <Decision output={output} {...props} />,
  };
}

/** The difference of two probabilities, as "+5.1 points". */
function formatPoints(from: BinaryExpectation, to: BinaryExpectation, language: Language): string {
  const difference = to.probability - from.probability;
  const points = (difference * 100).toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', {
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  // A minus is as wide as the plus; a hyphen is not.
  return `${points.replace('-', '\u2212')} ${texts.points[language]}`;
}
