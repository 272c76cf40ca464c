import type { BinaryComparison, BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import { formatNumber, formatPercent, type Language } from '../../language.ts';
import { observedText } from './observed.ts';
import { chartTexts, precisionHelp, recallHelp, texts } from './texts.ts';

type Props = { comparison: BinaryComparison; output: BinaryOutput; language: Language };

/** Precision and recall, and the four counts behind them. */
export function Quality({ comparison, output, language }: Props) {
  const { truePositives, falsePositives, falseNegatives, trueNegatives, precision, recall } = comparison;
  const { positive, negative } = output;
  const percent = (value: number | null) =>
    value === null ? chartTexts.undefined[language] : formatPercent(language, value);
  const row = (label: string, counts: readonly number[]) => (
    <tr>
      <th scope="row">{label}</th>
      {counts.map((count, i) => (
        <td key={i} class="number">
          {formatNumber(language, count)}
        </td>
      ))}
    </tr>
  );
  return (
    <>
      <dl class="figures">
        <div>
          <dt>{texts.precision[language]}</dt>
          <dd>{percent(precision)}</dd>
          <dd class="small quiet">
            {precisionHelp(truePositives, truePositives + falsePositives, positive.label)[language]}
          </dd>
        </div>
        <div>
          <dt>{texts.recall[language]}</dt>
          <dd>{percent(recall)}</dd>
          <dd class="small quiet">
            {recallHelp(truePositives, truePositives + falseNegatives, observedText(output, positive.value))[language]}
          </dd>
        </div>
      </dl>

      <table class="confusion small">
        <thead>
          <tr>
            <td />
            <th scope="col" class="number">
              {observedText(output, positive.value)[language]}
            </th>
            <th scope="col" class="number">
              {observedText(output, negative.value)[language]}
            </th>
          </tr>
        </thead>
        <tbody>
          {row(`${chartTexts.predicted[language]} – ${positive.label[language]}`, [truePositives, falsePositives])}
          {row(`${chartTexts.predicted[language]} – ${negative.label[language]}`, [falseNegatives, trueNegatives])}
        </tbody>
      </table>
    </>
  );
}
