import { useMemo, useState } from 'preact/hooks';
import type { ExplorePoint } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import type { Feature } from '../../common/contract/features/features.ts';
import type { Text } from '../../common/contract/text.ts';
import type { Backend } from '../backend.ts';
import { Failure } from '../failure.tsx';
import { featureControl } from '../features/controls.ts';
import { formatNumber, formatPercent, type Language } from '../language.ts';
import { toneOf } from '../risk.tsx';
import { runsOf, scaleOf, ticksOf } from './curve-points.ts';
import { texts } from './texts.ts';
import { useExploration } from './use-exploration.ts';
import type { Form } from './use-form.ts';

type Props = { backend: Backend; contract: Contract; language: Language; form: Form; isShown: boolean };

/** How the probability depends on one field, with all else as in the form. */
export function Curve({ backend, contract, language, form, isShown }: Props) {
  const [name, setName] = useState(() => firstField(contract));
  const feature = contract.features.find((it) => it.name === name);
  const request = useMemo(() => {
    if (!feature || !isShown || !isCompleteBut(form, feature.name)) return null;
    const { [feature.name]: _, ...record } = form.record;
    return { record, vary: { field: feature.name, values: featureControl(feature).valuesToTry() } };
  }, [feature, form.key, isShown]);
  const { answer, isCurrent, error } = useExploration(backend, request);
  // The values of another field make no sense under this one's name.
  const points = answer && isAbout(answer.points, feature) ? answer.points : null;
  const scale = feature ? featureControl(feature).scale : null;

  return (
    <section class="panel curve" aria-labelledby="curve-title">
      <div class="row">
        <h2 id="curve-title">{texts.curve[language]}</h2>
        <label class="unseen" for="curve-field">
          {texts.curveField[language]}
        </label>
        <select id="curve-field" value={name} onInput={(event) => setName(event.currentTarget.value)}>
          {contract.groups.map(({ id, label }) => (
            <optgroup key={id} label={label[language]}>
              {contract.features
                .filter(({ group }) => group === id)
                .map((it) => (
                  <option key={it.name} value={it.name}>
                    {it.label[language]}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </div>
      <p class="help">{texts.curveHelp[language]}</p>
      {error !== null && <Failure error={error} language={language} />}
      {feature && points && request ? (
        <div class={isCurrent ? 'chart' : 'chart stale'} aria-busy={!isCurrent}>
          {scale ? (
            <Line {...{ contract, language, feature, points, chosen: form.entries[name], unit: scale.unit }} />
          ) : (
            <Bars {...{ contract, language, feature, points, chosen: form.entries[name] }} />
          )}
        </div>
      ) : (
        error === null && <p class="quiet">{request ? '…' : texts.curveEmpty[language]}</p>
      )}
    </section>
  );
}

/** A number makes the more telling chart. */
function firstField({ features }: Contract): string {
  return (features.find((feature) => featureControl(feature).scale !== null) ?? features[0])?.name ?? '';
}

/** Whether nothing is wrong with the form but for what this field may settle. */
function isCompleteBut({ validation }: Form, name: string): boolean {
  return validation.ok || validation.violations.every(({ fields }) => fields.includes(name));
}

function isAbout(points: readonly ExplorePoint[], feature: Feature | undefined): boolean {
  const values = feature ? featureControl(feature).valuesToTry() : [];
  return points.length === values.length && points.every(({ value }, i) => value === values[i]);
}

type ChartProps = {
  contract: Contract;
  language: Language;
  feature: Feature;
  points: readonly ExplorePoint[];
  /** What the form holds. */
  chosen: string | undefined;
};

const BOX = { left: 44, right: 348, top: 10, bottom: 168 };

function Line({ contract, language, feature, points, chosen, unit }: ChartProps & { unit: Text | null }) {
  const runs = runsOf(points);
  const dots = runs.flat();
  const { threshold } = contract.output;
  const values = points.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  const [min, max] = [values[0] ?? 0, values.at(-1) ?? 1];
  const top = scaleOf([...dots.map(({ probability }) => probability), threshold]);
  const x = (value: number) => BOX.left + ((value - min) / (max - min || 1)) * (BOX.right - BOX.left);
  const y = (probability: number) => BOX.bottom - (probability / top) * (BOX.bottom - BOX.top);
  const path = (run: typeof dots) => run.map(({ value, probability }) => `${x(value)} ${y(probability)}`).join('L');
  const here = chosen === undefined || chosen === '' ? Number.NaN : Number(chosen);
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
      <Table {...{ contract, language, feature, points, chosen }} />
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

function Bars({ contract, language, feature, points, chosen }: ChartProps) {
  const { threshold } = contract.output;
  const top = scaleOf([...points.flatMap((it) => ('errors' in it ? [] : [it.probability])), threshold]);
  return (
    <>
      <div class="bars" aria-hidden="true">
        {points.map((point) => (
          <div key={String(point.value)} class={String(point.value) === chosen ? 'category chosen' : 'category'}>
            <span>{featureControl(feature).describe(point.value, language)}</span>
            {'errors' in point ? (
              <span class="help">{texts.refused[language]}</span>
            ) : (
              <>
                <span class="track">
                  <span
                    class={`fill risk-${toneOf(contract, point.risk)}`}
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
      <Table {...{ contract, language, feature, points, chosen }} />
    </>
  );
}

/** The same as numbers, for who cannot see the chart. */
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
                {String(point.value) === chosen && ` (${texts.here[language]})`}
              </th>
              <td>{'errors' in point ? texts.refused[language] : formatPercent(language, point.probability)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
