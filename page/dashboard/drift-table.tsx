import { useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import { formatFixed, formatNumber, formatPercent, type Language } from '../language.ts';
import { outputView } from '../outputs/views.ts';
import type { Drift, Overview } from './aggregate.ts';
import { compared, stabilityText, texts } from './texts.ts';

type Props = { drift: Overview['drift']; contract: Contract; language: Language };

/** How far live values are from the training data, the furthest first. */
export function DriftTable({ drift, contract, language }: Props) {
  if (!drift) return <p class="note">{texts.noBaseline[language]}</p>;
  if (drift.compared === 0) return <p class="note">{texts.noneCompared[language]}</p>;
  const labelOf = new Map(contract.features.map(({ name, label }) => [name, label[language]]));
  return (
    <>
      <p>{compared(drift.compared, contract.version)[language]}</p>
      <p class="small quiet">{texts.psiHelp[language]}</p>
      <table class="drift">
        <thead>
          <tr>
            <th scope="col">{texts.field[language]}</th>
            <th scope="col" class="number">
              {texts.psi[language]}
            </th>
            <th scope="col">{texts.reading_[language]}</th>
          </tr>
        </thead>
        <tbody>
          {drift.output && (
            <DriftRow
              drift={drift.output}
              label={outputView(contract.output).drift.label[language]}
              language={language}
            />
          )}
          {drift.features.map((feature) => (
            <DriftRow
              key={feature.name}
              drift={feature}
              label={labelOf.get(feature.name) ?? feature.name}
              language={language}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

/** The index at which the bar is full: twice the limit of another population. */
const FULL = 0.5;

function DriftRow({
  drift: { histogram, reading },
  label,
  language,
}: {
  drift: Drift;
  label: string;
  language: Language;
}) {
  const [isOpen, setIsOpen] = useState(false);
  if (!reading) return null;
  const { psi, stability, bins } = reading;
  const names = 'edges' in histogram ? binNames(histogram.edges, language) : Object.keys(histogram.counts);
  const shareOf = (counts: readonly number[], i: number) => {
    const whole = counts.reduce((a, b) => a + b, 0);
    return formatPercent(language, whole === 0 ? 0 : (counts[i] ?? 0) / whole, 0);
  };
  return (
    <>
      <tr>
        <th scope="row">
          <button type="button" class="unfold" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {label}
          </button>
        </th>
        <td class="number">{formatFixed(language, psi, 2)}</td>
        <td>
          <span class={`stability ${stability}`}>{stabilityText(stability)[language]}</span>
          <span class="psi-bar" aria-hidden="true">
            <span class={stability} style={{ width: `${Math.min(psi / FULL, 1) * 100}%` }} />
          </span>
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={3}>
            <table class="small" aria-label={label}>
              <thead>
                <tr>
                  <th scope="col">{texts.bin[language]}</th>
                  <th scope="col" class="number">
                    {texts.training[language]}
                  </th>
                  <th scope="col" class="number">
                    {texts.live[language]}
                  </th>
                </tr>
              </thead>
              <tbody>
                {bins.expected.map((_, i) => (
                  <tr key={names[i] ?? ''}>
                    <th scope="row">{names[i] ?? texts.otherValues[language]}</th>
                    <td class="number">{shareOf(bins.expected, i)}</td>
                    <td class="number">{shareOf(bins.actual, i)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </td>
        </tr>
      )}
    </>
  );
}

/** Edges are half way between whole values where those are counted: "26 – 28" is easier to read than "25.5 – 28.5". */
function binNames(edges: readonly number[], language: Language): string[] {
  const halves = edges.every((edge) => edge % 1 === 0.5 || edge % 1 === -0.5);
  return edges.slice(0, -1).map((edge, i) => {
    const end = edges[i + 1] ?? edge;
    if (!halves) return `${formatNumber(language, edge)} – ${formatNumber(language, end)}`;
    const [first, last] = [edge + 0.5, end - 0.5];
    return first === last
      ? formatNumber(language, first)
      : `${formatNumber(language, first)} – ${formatNumber(language, last)}`;
  });
}
