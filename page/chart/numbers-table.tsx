import type { Language } from '../language.ts';
import { texts } from './texts.ts';

type Props = {
  /** The name of the chart. */
  title: string;
  language: Language;
  head: readonly string[];
  rows: readonly (readonly string[])[];
};

/** The numbers of a chart. The first column names the rows. */
export function NumbersTable({ title, language, head, rows }: Props) {
  return (
    <details class="chart-table">
      <summary>{texts.asTable[language]}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" aria-label={title} tabIndex={0}>
        <table class="small">
          <thead>
            <tr>
              {head.map((name, i) => (
                <th key={name} scope="col" class={i > 0 ? 'number' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, ...cells]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {cells.map((cell, i) => (
                  <td key={head[i + 1]} class="number">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
