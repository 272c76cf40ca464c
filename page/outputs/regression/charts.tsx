import type {
  RegressionComparison,
  RegressionOutcome,
  RegressionOutput,
} from '../../../common/contract/outputs/regression.ts';
import { countBetween, meanOf } from '../../../common/history/statistics.ts';
import { formatNumber, type Language } from '../../language.ts';
import { Bars } from '../bars.tsx';
import type { OutcomesProps, OutputCharts } from '../output-charts.ts';
import { texts } from '../texts.ts';
import { formatValue } from './format-value.ts';

const BINS = 10;

/** How the values are distributed over those that training has seen, and the residuals. */
export function regressionCharts(output: RegressionOutput): OutputCharts<RegressionOutcome, RegressionComparison> {
  const { seen } = output;
  const Distribution = ({ outcomes, language }: OutcomesProps<RegressionOutcome>) => (
    <Counts {...{ output, language }} values={outcomes.map(({ value }) => value)} edges={edgesOf(seen.min, seen.max)} />
  );
  return {
    distributionTitle: texts.predictions,
    Distribution,
    figures(outcomes, language) {
      const mean = meanOf(outcomes.map(({ value }) => value));
      return [{ term: texts.mean[language], text: mean === null ? '–' : formatValue(output, mean, language) }];
    },
    Panels: ({ outcomes, language }) => (
      <section class="panel">
        <h3>{texts.predictions[language]}</h3>
        <Distribution outcomes={outcomes} language={language} />
      </section>
    ),
    withoutOutcomes: texts.noOutcomes,
    Quality: ({ comparison: { residuals, mae, rmse, r2 }, language }) => {
      const format = (value: number | null) =>
        value === null ? texts.undefined[language] : formatValue(output, value, language);
      return (
        <>
          <dl class="figures">
            <div>
              <dt>{texts.mae[language]}</dt>
              <dd>{format(mae)}</dd>
            </div>
            <div>
              <dt>{texts.rmse[language]}</dt>
              <dd>{format(rmse)}</dd>
            </div>
            <div>
              <dt>{texts.r2[language]}</dt>
              <dd>{r2 === null ? texts.undefined[language] : formatNumber(language, r2)}</dd>
            </div>
          </dl>
          <h4>{texts.residuals[language]}</h4>
          <Counts
            {...{ output, language }}
            values={residuals}
            edges={edgesOf(Math.min(0, ...residuals), Math.max(0, ...residuals))}
          />
        </>
      );
    },
  };
}

type CountsProps = {
  output: RegressionOutput;
  language: Language;
  values: readonly number[];
  edges: readonly number[];
};

/** How many values lie in each bin. */
function Counts({ output, language, values, edges }: CountsProps) {
  const counts = countBetween(edges, values);
  const most = Math.max(1, ...counts);
  return (
    <Bars
      rows={counts.map((count, i) => ({
        id: `${i}`,
        label: `${formatValue(output, edges[i] ?? 0, language)} – ${formatValue(output, edges[i + 1] ?? 0, language)}`,
        share: count / most,
        text: formatNumber(language, count),
      }))}
      language={language}
    />
  );
}

function edgesOf(min: number, max: number): number[] {
  return Array.from({ length: BINS + 1 }, (_, i) => min + ((max - min) * i) / BINS);
}
