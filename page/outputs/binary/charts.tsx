import { useMemo } from 'preact/hooks';
import type { BinaryComparison, BinaryOutcome, BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import { formatNumber, formatPercent, type Language } from '../../language.ts';
import type { OutputCharts, PanelsProps } from '../output-charts.ts';
import { countRisks, meanProbability, toDay } from './days.ts';
import { MeanChart, VolumeChart } from './days-charts.tsx';
import { Distribution } from './distribution.tsx';
import { Quality } from './quality.tsx';
import { RiskBadge } from './risk.tsx';
import { chartTexts, texts } from './texts.ts';

/** Probabilities over time and by risk band, and the confusion matrix. */
export function binaryCharts(output: BinaryOutput): OutputCharts<BinaryOutcome, BinaryComparison> {
  return {
    distributionTitle: chartTexts.distribution,
    Distribution: (props) => <Distribution output={output} {...props} />,
    figures(outcomes, language) {
      const mean = meanProbability(outcomes);
      return [{ term: chartTexts.mean[language], text: mean === null ? '–' : formatPercent(language, mean) }];
    },
    Panels: (props) => <Panels output={output} {...props} />,
    withoutOutcomes: chartTexts.noOutcomes,
    Quality: (props) => <Quality output={output} {...props} />,
  };
}

function Panels({
  output,
  outcomes,
  days: outcomesByDay,
  language,
}: PanelsProps<BinaryOutcome> & { output: BinaryOutput }) {
  const days = useMemo(() => outcomesByDay.map(toDay), [outcomesByDay]);
  const risks = useMemo(() => countRisks(outcomes), [outcomes]);
  // The bands of the contract, the lowest first, then those that only older versions had.
  const named = useMemo(() => {
    const ids = output.bands.map(({ id }) => id);
    return [...ids, ...[...risks.keys()].filter((risk) => !ids.includes(risk))];
  }, [output, risks]);
  return (
    <>
      <section class="panel">
        <h3>{chartTexts.volume[language]}</h3>
        <VolumeChart days={days} risks={named} output={output} language={language} />
      </section>
      <section class="panel">
        <h3>{chartTexts.meanByDay[language]}</h3>
        <MeanChart days={days} output={output} language={language} />
      </section>
      <section class="panel">
        <h3>{chartTexts.risks[language]}</h3>
        <RiskMix {...{ risks, named, output, language }} total={outcomes.length} />
      </section>
      <section class="panel">
        <h3>{chartTexts.distribution[language]}</h3>
        <Distribution outcomes={outcomes} output={output} language={language} />
      </section>
    </>
  );
}

type RiskMixProps = {
  risks: ReadonlyMap<string, number>;
  named: readonly string[];
  total: number;
  output: BinaryOutput;
  language: Language;
};

function RiskMix({ risks, named, total, output, language }: RiskMixProps) {
  return (
    <table class="risk-mix">
      <thead>
        <tr>
          <th scope="col">{texts.risk[language]}</th>
          <th scope="col" class="number">
            {chartTexts.count[language]}
          </th>
          <th scope="col" class="number">
            {chartTexts.share[language]}
          </th>
        </tr>
      </thead>
      <tbody>
        {named.toReversed().map((risk) => (
          <tr key={risk}>
            <th scope="row">
              <RiskBadge output={output} risk={risk} language={language} />
            </th>
            <td class="number">{formatNumber(language, risks.get(risk) ?? 0)}</td>
            <td class="number">{formatPercent(language, (risks.get(risk) ?? 0) / total)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
