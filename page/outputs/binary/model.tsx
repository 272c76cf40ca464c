import type { Contract } from '../../../common/contract/contract.ts';
import type { BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import { formatNumber, formatPercent, type Language } from '../../language.ts';
import { Fact } from '../../model/fact.tsx';
import { RiskBadge } from './risk.tsx';
import { answersPositive, inHundreds, texts } from './texts.ts';

const METRICS = ['rocAuc', 'averagePrecision', 'precision', 'recall', 'f1', 'accuracy', 'brier', 'ece'] as const;
/** Shares of rows, which the dashboard gives in percent, too. */
const SHARES: ReadonlySet<string> = new Set(['precision', 'recall', 'accuracy']);

type MeasuresProps = { output: BinaryOutput; metrics: NonNullable<Contract['metrics']>; language: Language };

/** Precision and recall in plain words, then every metric. */
export function Measures({ output, metrics, language }: MeasuresProps) {
  if (!('rocAuc' in metrics)) return null;
  const format = (name: string, value: number) =>
    SHARES.has(name) ? formatPercent(language, value) : formatNumber(language, value);
  return (
    <>
      <p>{inHundreds(metrics.precision.mean, metrics.recall.mean, output.positive.label)[language]}</p>
      <p class="help">{texts.method[language]}</p>
      {/* The contract has it in English only. */}
      <details class="help">
        <summary>{texts.methodInDetail[language]}</summary>
        <p lang="en">{metrics.method}</p>
      </details>
      <dl class="numbers">
        {METRICS.map((name) => (
          <Fact key={name} term={texts[name][language]}>
            {format(name, metrics[name].mean)} ± {format(name, metrics[name].std)}
          </Fact>
        ))}
      </dl>
    </>
  );
}

/** The threshold and the risk bands. */
export function Decision({ output, language }: { output: BinaryOutput; language: Language }) {
  const { positive, threshold, thresholdCriterion, bands } = output;
  const at = { fr: formatPercent('fr', threshold), en: formatPercent('en', threshold) };
  return (
    <>
      <p>
        {answersPositive(positive.label, at)[language]} <span class="quiet">{thresholdCriterion[language]}</span>
      </p>
      <ul class="row">
        {bands.map(({ id, from }) => (
          <li key={id}>
            <RiskBadge output={output} risk={id} language={language} /> {texts.from[language]}{' '}
            {formatPercent(language, from)}
          </li>
        ))}
      </ul>
    </>
  );
}
