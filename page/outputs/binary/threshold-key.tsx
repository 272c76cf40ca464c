import { colon, formatPercent, type Language } from '../../language.ts';
import { texts } from './texts.ts';

/** The legend of a chart's dashed line. */
export function ThresholdKey({ threshold, language }: { threshold: number; language: Language }) {
  return (
    <p class="small quiet threshold-key">
      <span class="dashes" aria-hidden="true" /> {texts.threshold[language]}
      {colon(language)}
      {formatPercent(language, threshold)}
    </p>
  );
}
