import type {
  MulticlassComparison,
  MulticlassOutcome,
  MulticlassOutput,
} from '../../../common/contract/outputs/multiclass.ts';
import { formatNumber, formatPercent } from '../../language.ts';
import { Bars } from '../bars.tsx';
import type { OutcomesProps, OutputCharts } from '../output-charts.ts';
import { texts } from '../texts.ts';
import { labelText } from './label-text.ts';

/** How often each label is predicted, and the confusion matrix. */
export function multiclassCharts(output: MulticlassOutput): OutputCharts<MulticlassOutcome, MulticlassComparison> {
  const Distribution = ({ outcomes, language }: OutcomesProps<MulticlassOutcome>) => (
    <Bars
      rows={output.labels.map(({ value, label }) => {
        const count = outcomes.filter((it) => it.label === value).length;
        const share = outcomes.length === 0 ? 0 : count / outcomes.length;
        const text = `${formatNumber(language, count)} (${formatPercent(language, share)})`;
        return { id: value, label: label[language], share, text };
      })}
      language={language}
    />
  );
  return {
    distributionTitle: texts.predictions,
    Distribution,
    figures: () => [],
    Panels: ({ outcomes, language }) => (
      <section class="panel">
        <h3>{texts.predictions[language]}</h3>
        <Distribution outcomes={outcomes} language={language} />
      </section>
    ),
    withoutOutcomes: texts.noOutcomes,
    Quality: ({ comparison: { labels, confusion, accuracy, macroF1 }, language }) => {
      const percent = (share: number | null) =>
        share === null ? texts.undefined[language] : formatPercent(language, share);
      return (
        <>
          <dl class="figures">
            <div>
              <dt>{texts.accuracy[language]}</dt>
              <dd>{percent(accuracy)}</dd>
            </div>
            <div>
              <dt>{texts.macroF1[language]}</dt>
              <dd>{percent(macroF1)}</dd>
            </div>
          </dl>
          <table class="confusion small">
            <thead>
              <tr>
                <td />
                {labels.map((label) => (
                  <th key={label} scope="col" class="number">
                    {texts.prediction[language]} – {labelText(output, label, language)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels.map((label, i) => (
                <tr key={label}>
                  <th scope="row">
                    {texts.observed[language]} – {labelText(output, label, language)}
                  </th>
                  {labels.map((other, j) => (
                    <td key={other} class="number">
                      {formatNumber(language, confusion[i]?.[j] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </>
      );
    },
  };
}
