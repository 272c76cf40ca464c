import type { BinaryOutcome, BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import { formatPercent, type Language } from '../../language.ts';
import { arc, pointAt } from './gauge-geometry.ts';
import { toneOf } from './risk.tsx';

type Props = {
  output: BinaryOutput;
  outcome: BinaryOutcome;
  /** A probability to compare with, marked on the scale. */
  reference: number | null;
  language: Language;
  /** The whole answer as a sentence. */
  label: string;
};

/** The probability on a half circle of the risk bands, with a mark at the threshold. */
export function Gauge({ output, outcome, reference, language, label }: Props) {
  const { probability, risk, threshold } = outcome;
  const { bands } = output;
  const [inner, outer] = [pointAt(threshold, 76), pointAt(threshold, 106)];
  const text = pointAt(threshold, 112);
  return (
    <svg class={`gauge risk-${toneOf(output, risk)}`} viewBox="-20 -8 280 140" role="img" aria-label={label}>
      {bands.map(({ id, from }, i) => (
        <path key={id} class={`band risk-${toneOf(output, id)}`} d={arc(from, bands[i + 1]?.from ?? 1, 91)} />
      ))}
      <path class="value" d={arc(0, probability, 91)} />
      {reference !== null && <Mark at={reference} />}
      <line class="threshold" x1={inner.x} y1={inner.y} x2={outer.x} y2={outer.y} />
      <text
        class="tick"
        x={text.x}
        y={text.y}
        text-anchor={threshold < 0.4 ? 'end' : threshold > 0.6 ? 'start' : 'middle'}
      >
        {formatPercent(language, threshold, 0)}
      </text>
      <text class="percent" x="120" y="112" text-anchor="middle">
        {formatPercent(language, probability)}
      </text>
    </svg>
  );
}

function Mark({ at }: { at: number }) {
  const { x, y } = pointAt(at, 91);
  return <circle class="reference" cx={x} cy={y} r="5" />;
}
