import type { Contract } from '../../common/contract/contract.ts';
import type { Confusion } from '../../common/history/statistics.ts';
import { outcomeSentence } from '../history/outcome-text.ts';
import { formatNumber, formatPercent, type Language } from '../language.ts';
import { addressOf } from '../route.ts';
import { precisionHelp, recallHelp, texts } from './texts.ts';

type Props = { confusion: Confusion; known: number; contract: Contract; language: Language };

/** Precision and recall, and the four counts that they come from. */
export function Quality({ confusion, known, contract, language }: Props) {
  if (known === 0) {
    return (
      <p class="note">
        {texts.noOutcomes[language]} <a href={addressOf('history')}>{texts.openHistory[language]}</a>
      </p>
    );
  }
  const { truePositives, falsePositives, falseNegatives, trueNegatives, precision, recall } = confusion;
  const { positive, negative } = contract.output;
  const percent = (value: number | null) =>
    value === null ? texts.undefined[language] : formatPercent(language, value);
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
            {
              recallHelp(truePositives, truePositives + falseNegatives, outcomeSentence(contract, positive.value))[
                language
              ]
            }
          </dd>
        </div>
      </dl>

      <table class="confusion small">
        <thead>
          <tr>
            <td />
            <th scope="col" class="number">
              {outcomeSentence(contract, positive.value)}
            </th>
            <th scope="col" class="number">
              {outcomeSentence(contract, negative.value)}
            </th>
          </tr>
        </thead>
        <tbody>
          {row(`${texts.predicted[language]} – ${positive.label[language]}`, [truePositives, falsePositives])}
          {row(`${texts.predicted[language]} – ${negative.label[language]}`, [falseNegatives, trueNegatives])}
        </tbody>
      </table>
    </>
  );
}
