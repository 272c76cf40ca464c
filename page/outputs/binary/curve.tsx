import type { BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import type { Text } from '../../../common/contract/text.ts';
import { featureControl } from '../../features/controls.ts';
import { formatNumber, formatPercent } from '../../language.ts';
import type { CurveProps } from '../view.ts';
import { runsOf, scaleOf, ticksOf } from './curve-points.ts';
import { toneOf } from './risk.tsx';
import { texts } from './texts.ts';

type ChartProps = Omit<CurveProps, 'scale'> & { output: BinaryOutput };

/** The probability of each tried value: as a line on the scale of a number, else as bars. */
export function Curve({ scale, ...props }: CurveProps & { output: BinaryOutput }) {
  return scale ? <Line {...props} unit={scale.unit} /> : <Bars {...props} />;
}

const BOX = { left: 44, right: 348, top: 10, bottom: 168 };

function Line({ output, language, feature, points, chosen, unit }: ChartProps & { unit: Text | null }) {
  const runs = runsOf(points);
  const dots = runs.flat();
  const { threshold } = output;
  const values = points.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  const [min, max] = [values[0] ?? 0, values.at(-1) ?? 1];
  const top = scaleOf([...dots.map(({ probability }) => probability), threshold]);
  const x = (value: number) => BOX.left + ((value - min) / (max - min || 1)) * (BOX.right - BOX.left);
  const y = (probability: number) => BOX.bottom - (probability / top) * (BOX.bottom - BOX.top);
  const path = (run: typeof dots) => run.map(({ value, probability }) => `${x(value)} ${y(probability)}`).join('L');
  const here = typeof chosen === 'number' ? chosen : Number.NaN;
  const hereAt = interpolate(dots, here);
  return (
    <>
      <svg viewBox="0 0 360 200" aria-hidden="true">
        {ticksOf(0, top, 5).map((tick) => (
          <g key={tick}>
            <line class="grid" x1={BOX.left} x2={BOX.right} y1={y(tick)} y2={y(tick)} />
            <text x={BOX.left - 6} y={y(tick) + 4} text-anchor="end">
              {formatPercent(language, tick, 0)}
            </text>
          </g>
        ))}
        {ticksOf(min, max, 5).map((tick) => (
          <text key={tick} x={x(tick)} y={BOX.bottom + 16} text-anchor={x(tick) > BOX.right - 12 ? 'end' : 'middle'}>
            {formatNumber(language, tick)}
          </text>
        ))}
        {unit && (
          <text x={BOX.right} y={BOX.bottom + 30} text-anchor="end">
            {unit[language]}
          </text>
        )}
        <line class="threshold" x1={BOX.left} x2={BOX.right} y1={y(threshold)} y2={y(threshold)} />
        <text x={BOX.right} y={y(threshold) - 4} text-anchor="end">
          {texts.threshold[language]}
        </text>
        {runs.map((run) => (
          <path key={run[0]?.value} class="line" d={`M${path(run)}${run.length === 1 ? 'h0.01' : ''}`} />
        ))}
        {hereAt !== null && <circle class="here" cx={x(here)} cy={y(hereAt)} r="5" />}
      </svg>
      {dots.length < points.length && <p class="small quiet">{texts.gaps[language]}</p>}
      <Table {...{ output, language, feature, points, chosen }} />
    </>
  );
}

/** Where the line stands at a value; null where there is none. */
function interpolate(dots: readonly { value: number; probability: number }[], at: number): number | null {
  const right = dots.findIndex(({ value }) => value >= at);
  const [before, after] = [dots[right - 1], dots[right]];
  if (!after) return null;
  if (after.value === at) return after.probability;
  if (!before) return null;
  const share = (at - before.value) / (after.value - before.value);
  return before.probability + share * (after.probability - before.probability);
}

function Bars({ output, language, feature, points, chosen }: ChartProps) {
  const { threshold } = output;
  const top = scaleOf([...points.flatMap((it) => ('risk' in it ? [it.probability] : [])), threshold]);
  return (
    <>
      <div class="bars" aria-hidden="true">
        {points.map((point) => (
          <div key={String(point.value)} class={point.value === chosen ? 'category chosen' : 'category'}>
            <span>{featureControl(feature).describe(point.value, language)}</span>
            {!('risk' in point) ? (
              <span class="help">{texts.refused[language]}</span>
            ) : (
              <>
                <span class="track">
                  <span
                    class={`fill risk-${toneOf(output, point.risk)}`}
                    style={{ width: `${(point.probability / top) * 100}%` }}
                  />
                  <span class="mark" style={{ left: `${(threshold / top) * 100}%` }} />
                </span>
                <span class="numbers">{formatPercent(language, point.probability)}</span>
              </>
            )}
          </div>
        ))}
        <p class="small quiet">
          <span class="key" /> {texts.threshold[language]} ({formatPercent(language, threshold)})
        </p>
      </div>
      <Table {...{ output, language, feature, points, chosen }} />
    </>
  );
}

/** The same numbers, for a screen reader. */
function Table({ language, feature, points, chosen }: ChartProps) {
  return (
    <div class="unseen">
      <table>
        <caption>{`${texts.probability[language]}, ${feature.label[language]}`}</caption>
        <tbody>
          {points.map((point) => (
            <tr key={String(point.value)}>
              <th scope="row">
                {featureControl(feature).describe(point.value, language)}
                {point.value === chosen && ` (${texts.here[language]})`}
              </th>
              <td>{'risk' in point ? formatPercent(language, point.probability) : texts.refused[language]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
