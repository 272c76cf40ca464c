import type {
  RegressionExpectation,
  RegressionOutcome,
  RegressionOutput,
} from '../../../common/contract/outputs/regression.ts';
import type { Language } from '../../language.ts';
import { Fact } from '../../model/fact.tsx';
import { texts } from '../texts.ts';
import { TriedValues } from '../tried-values.tsx';
import type { OutputView } from '../view.ts';
import { formatValue } from './format-value.ts';

/** A value on the scale of those that training has seen. */
export function regressionView(output: RegressionOutput): OutputView<RegressionOutcome, RegressionExpectation> {
  const { seen, bands = [] } = output;
  const format = (value: number, language: Language) => formatValue(output, value, language);
  const shareOf = (value: number) => Math.min(1, Math.max(0, (value - seen.min) / (seen.max - seen.min || 1)));
  const bandText = (id: string, language: Language) => bands.find((band) => band.id === id)?.label[language] ?? id;
  const intervalText = ({ interval }: RegressionOutcome, language: Language) =>
    interval && `${format(interval.lower, language)} – ${format(interval.upper, language)}`;
  return {
    Answer: ({ outcome, reference, language }) => (
      <>
        <p class="verdict">
          <data value={outcome.value}>
            <strong class="numbers">{format(outcome.value, language)}</strong>
          </data>
          {outcome.risk !== undefined && <span>{bandText(outcome.risk, language)}</span>}
          {outcome.interval && <span class="small quiet">{intervalText(outcome, language)}</span>}
        </p>
        <svg viewBox="0 0 360 44" aria-hidden="true">
          <line class="grid" x1="10" x2="350" y1="18" y2="18" />
          {outcome.interval && (
            <line
              class="line"
              x1={10 + 340 * shareOf(outcome.interval.lower)}
              x2={10 + 340 * shareOf(outcome.interval.upper)}
              y1="18"
              y2="18"
            />
          )}
          {reference && (
            <line
              class="threshold"
              x1={10 + 340 * shareOf(reference.value)}
              x2={10 + 340 * shareOf(reference.value)}
              y1="8"
              y2="28"
            />
          )}
          <circle class="here" cx={10 + 340 * shareOf(outcome.value)} cy="18" r="6" />
          <text x="10" y="42">
            {format(seen.min, language)}
          </text>
          <text x="350" y="42" text-anchor="end">
            {format(seen.max, language)}
          </text>
        </svg>
      </>
    ),
    Brief: ({ outcome, language }) => <b class="numbers">{format(outcome.value, language)}</b>,
    Recorded: ({ outcome, language }) => (
      <>
        <strong class="numbers">{format(outcome.value, language)}</strong>
        {outcome.risk !== undefined && <span>{bandText(outcome.risk, language)}</span>}
      </>
    ),
    facts: (outcome, language) => {
      const text = intervalText(outcome, language);
      return text === undefined ? [] : [{ term: texts.interval[language], text }];
    },
    describe: ({ value }, language) => `${format(value, language)}.`,
    describeValue: ({ value }, language) => format(value, language),
    describeChange: (from, to, language) => {
      const difference = to.value - from.value;
      return `${difference > 0 ? '+' : ''}${format(difference, language)}`;
    },

    outcomeOf: ({ points: [point] }) => (point && 'outcome' in point ? point.outcome : null),
    curveHelp: texts.curveHelp,
    Curve: (props) => (
      <TriedValues
        {...props}
        show={(point) =>
          'outcome' in point
            ? { text: format(point.outcome.value, props.language), share: shareOf(point.outcome.value) }
            : null
        }
      />
    ),

    columns: [
      {
        id: 'value',
        label: texts.value,
        isNumber: true,
        isSecondary: false,
        rank: ({ value }) => value,
        show: ({ value }, language) => format(value, language),
      },
    ],
    groups: bands.map(({ id, label }) => ({ id, describe: (language) => label[language] })),
    groupOf: ({ risk }) => risk ?? null,
    Counts: ({ counts, language }) => (
      <ul class="risk-counts">
        {bands.map(({ id, label }) => (
          <li key={id}>
            <span class="numbers">{counts.get(id) ?? 0}</span> {label[language]}
          </li>
        ))}
      </ul>
    ),
    filters:
      bands.length === 0
        ? []
        : [{ name: 'risk', label: texts.risk, options: bands.map(({ id, label }) => ({ value: id, label })) }],
    sorts: [{ value: 'value', label: texts.highestValue }],

    describeObserved: (observed, language) => (typeof observed === 'number' ? format(observed, language) : observed),
    observable: null,

    drift: {
      label: texts.value,
      histogram: (baseline) => ('value' in baseline ? baseline.value : null),
      binOf: ({ value }) => value,
    },

    Measures: ({ metrics, language }) =>
      'rmse' in metrics ? (
        <dl class="numbers">
          <Fact term={texts.mae[language]}>{format(metrics.mae.mean, language)}</Fact>
          <Fact term={texts.rmse[language]}>{format(metrics.rmse.mean, language)}</Fact>
          <Fact term={texts.r2[language]}>{metrics.r2.mean.toFixed(3)}</Fact>
        </dl>
      ) : null,
    Decision: ({ language }) => (
      <p>
        {texts.seen[language]} : {format(seen.min, language)} – {format(seen.max, language)}
      </p>
    ),
  };
}
