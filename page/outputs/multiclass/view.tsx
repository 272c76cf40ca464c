import type {
  MulticlassExpectation,
  MulticlassOutcome,
  MulticlassOutput,
} from '../../../common/contract/outputs/multiclass.ts';
import { formatPercent, type Language } from '../../language.ts';
import { Fact } from '../../model/fact.tsx';
import { Bars } from '../bars.tsx';
import { texts } from '../texts.ts';
import { TriedValues } from '../tried-values.tsx';
import type { OutputView } from '../view.ts';
import { labelText } from './label-text.ts';

/** A bar for the probability of each label, and the label with the highest one. */
export function multiclassView(output: MulticlassOutput): OutputView<MulticlassOutcome, MulticlassExpectation> {
  const describe = ({ label, probability }: MulticlassOutcome, language: Language) =>
    `${labelText(output, label, language)}, ${formatPercent(language, probability)}`;
  const highestOf = ({ probabilities }: MulticlassExpectation) => Math.max(...Object.values(probabilities));
  return {
    Answer: ({ outcome, language }) => (
      <>
        <p class="verdict">
          <data value={outcome.probability} class="unseen">
            {formatPercent(language, outcome.probability)}
          </data>
          <strong>{labelText(output, outcome.label, language)}</strong>{' '}
          <span class="numbers">{formatPercent(language, outcome.probability)}</span>
        </p>
        <Bars
          rows={Object.entries(outcome.probabilities).map(([id, share]) => ({
            id,
            label: labelText(output, id, language),
            share,
          }))}
          language={language}
        />
      </>
    ),
    Brief: ({ outcome, language }) => <b>{describe(outcome, language)}</b>,
    Recorded: ({ outcome, language }) => <strong>{describe(outcome, language)}</strong>,
    facts: ({ probabilities }, language) =>
      Object.entries(probabilities).map(([label, share]) => ({
        term: labelText(output, label, language),
        text: formatPercent(language, share),
      })),
    describe: (outcome, language) => `${describe(outcome, language)}.`,
    describeValue: (expected, language) => formatPercent(language, highestOf(expected)),
    describeChange: (from, to, language) => {
      const points = ((highestOf(to) - highestOf(from)) * 100).toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', {
        maximumFractionDigits: 1,
        signDisplay: 'exceptZero',
      });
      return `${points.replace('-', '\u2212')} ${texts.points[language]}`;
    },

    outcomeOf({ points: [point] }) {
      if (!point || !('probabilities' in point)) return null;
      const { label, probability, probabilities } = point;
      return { label, probability, probabilities };
    },
    curveHelp: texts.curveHelp,
    Curve: (props) => (
      <TriedValues
        {...props}
        show={(point) =>
          'probabilities' in point ? { text: describe(point, props.language), share: point.probability } : null
        }
      />
    ),

    columns: [
      {
        id: 'label',
        label: texts.prediction,
        isNumber: false,
        isSecondary: false,
        rank: ({ label }) => output.labels.findIndex(({ value }) => value === label),
        show: ({ label }, language) => labelText(output, label, language),
      },
      {
        id: 'probability',
        label: texts.probability,
        isNumber: true,
        isSecondary: false,
        rank: ({ probability }) => probability,
        show: ({ probability }, language) => formatPercent(language, probability),
      },
    ],
    groups: output.labels.map(({ value, label }) => ({ id: value, describe: (language) => label[language] })),
    groupOf: ({ label }) => label,
    Counts: ({ counts, language }) => (
      <ul class="risk-counts">
        {output.labels.map(({ value, label }) => (
          <li key={value}>
            <span class="numbers">{counts.get(value) ?? 0}</span> {label[language]}
          </li>
        ))}
      </ul>
    ),
    filters: [{ name: 'label', label: texts.prediction, options: output.labels }],
    sorts: [{ value: 'probability', label: texts.highestProbability }],

    describeObserved: (observed, language) => labelText(output, `${observed}`, language),
    observable: output.labels.map(({ value }) => value),

    drift: {
      label: texts.prediction,
      histogram: (baseline) => ('labels' in baseline ? baseline.labels : null),
      binOf: ({ label }) => label,
    },

    Measures: ({ metrics, language }) =>
      'macroF1' in metrics ? (
        <dl class="numbers">
          <Fact term={texts.accuracy[language]}>{formatPercent(language, metrics.accuracy.mean)}</Fact>
          <Fact term={texts.macroF1[language]}>{formatPercent(language, metrics.macroF1.mean)}</Fact>
        </dl>
      ) : null,
    Decision: ({ language }) => (
      <p>
        {texts.highest[language]} {output.labels.map(({ label }) => label[language]).join(', ')}.
      </p>
    ),
  };
}
