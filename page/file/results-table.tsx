import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import { formatPercent, type Language } from '../language.ts';
import { RiskBadge, riskLabel } from '../risk.tsx';
import { addressOf } from '../route.ts';
import { describeNotes } from './notes.ts';
import { arrange, type Column, type Filter, type Order, type Row, type Summary } from './rows.ts';
import { shownOf, texts, warnings } from './texts.ts';

const PAGE_ROWS = 50;

type Props = {
  rows: readonly Row[];
  summary: Summary;
  contract: Contract;
  language: Language;
  /** Whether predictions are recorded, and this visitor may read them. */
  linked: boolean;
};

/** The rows, a page at a time: what is not shown costs nothing to draw. */
export function ResultsTable({ rows, summary, contract, language, linked }: Props) {
  const [filter, setFilter] = useState<Filter>({ show: summary.predicted === 0 ? 'refused' : 'all' });
  const [order, setOrder] = useState<Order>({ column: 'line', descending: false });
  const [page, setPage] = useState(0);
  const arranged = useMemo(() => arrange(rows, filter, order), [rows, filter, order]);
  useEffect(() => setPage(0), [rows, filter, order]);

  const start = page * PAGE_ROWS;
  const shown = arranged.slice(start, start + PAGE_ROWS);
  const files = new Set(rows.map(({ file }) => file));
  const sort = (column: Column) =>
    // The highest probabilities are what is looked for first; everything else begins at its beginning.
    setOrder({ column, descending: order.column === column ? !order.descending : FIRST_DESCENDING.includes(column) });

  return (
    <>
      <div class="row table-tools no-print">
        <p class="row">
          <label for="results-filter">{texts.show[language]}</label>
          <FilterSelect {...{ filter, setFilter, summary, contract, language }} />
        </p>
        <p class="quiet small numbers" role="status">
          {shownOf(start + 1, start + shown.length, arranged.length)[language]}
        </p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" aria-label={texts.results[language]} tabIndex={0}>
        <table class="results">
          <thead>
            <tr>
              {(['line', 'identifier', 'probability', 'risk', 'notes'] as const).map((column) => (
                <th
                  key={column}
                  scope="col"
                  class={NUMBERS.includes(column) ? 'number' : undefined}
                  aria-sort={order.column === column ? (order.descending ? 'descending' : 'ascending') : undefined}
                >
                  <button type="button" class="sort" onClick={() => sort(column)}>
                    {texts[column][language]}
                    <span class="arrow" aria-hidden="true">
                      {order.column === column ? (order.descending ? ' ▼' : ' ▲') : ' ↕'}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <ResultRow
                key={`${row.file}:${row.line}`}
                {...{ row, contract, language, linked }}
                named={files.size > 1}
              />
            ))}
          </tbody>
        </table>
      </section>
      {arranged.length > PAGE_ROWS && (
        <nav class="row pages no-print" aria-label={texts.pages[language]}>
          <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
            {texts.previous[language]}
          </button>
          <button type="button" disabled={start + PAGE_ROWS >= arranged.length} onClick={() => setPage(page + 1)}>
            {texts.next[language]}
          </button>
        </nav>
      )}
    </>
  );
}

const NUMBERS: readonly Column[] = ['line', 'identifier', 'probability'];
const FIRST_DESCENDING: readonly Column[] = ['probability', 'risk', 'notes'];

type FilterProps = {
  filter: Filter;
  setFilter(filter: Filter): void;
  summary: Summary;
  contract: Contract;
  language: Language;
};

/** Offers what occurs, with how often it does. */
function FilterSelect({ filter, setFilter, summary, contract, language }: FilterProps) {
  const risks = [...contract.output.bands].reverse().map(({ id }) => id);
  const choices: { text: string; filter: Filter; count: number }[] = [
    { text: texts.all[language], filter: { show: 'all' }, count: summary.total },
    ...risks.map((risk) => ({
      text: `${texts.risk[language]}\u2009: ${riskLabel(contract, risk, language).toLowerCase()}`,
      filter: { risk },
      count: summary.risks.get(risk) ?? 0,
    })),
    { text: texts.refused[language], filter: { show: 'refused' }, count: summary.refused },
    { text: texts.warned[language], filter: { show: 'warned' }, count: summary.warned },
    { text: texts.unanswered[language], filter: { show: 'unanswered' }, count: summary.ready },
  ];
  const chosen = JSON.stringify(filter);
  return (
    <select
      id="results-filter"
      value={chosen}
      onChange={({ currentTarget }) => {
        const choice = choices.find((it) => JSON.stringify(it.filter) === currentTarget.value);
        if (choice) setFilter(choice.filter);
      }}
    >
      {choices
        .map((choice) => ({ ...choice, value: JSON.stringify(choice.filter) }))
        .filter(({ count, value }) => count > 0 || value === chosen)
        .map(({ text, value, count }) => (
          <option key={value} value={value}>
            {text} ({count})
          </option>
        ))}
    </select>
  );
}

type RowProps = { row: Row; contract: Contract; language: Language; linked: boolean; named: boolean };

function ResultRow({ row, contract, language, linked, named }: RowProps) {
  const notes = describeNotes(row.notes, contract, language);
  return (
    <tr class={row.status === 'refused' ? 'refused' : undefined}>
      <th scope="row" class="number">
        {row.line}
        {named && <span class="file-name small quiet">{row.file}</span>}
      </th>
      <td class="number">{row.identifier}</td>
      <td class="number">
        {row.status === 'predicted' &&
          (linked ? (
            <a href={addressOf('history', row.result.id)}>{formatPercent(language, row.result.probability)}</a>
          ) : (
            formatPercent(language, row.result.probability)
          ))}
      </td>
      <td>
        {row.status === 'predicted' && <RiskBadge {...{ contract, language }} risk={row.result.risk} />}
        {row.status === 'refused' && <span class="error">{texts.refusedRow[language]}</span>}
        {row.status === 'ready' && '–'}
      </td>
      <td class="notes small">
        {row.status === 'refused' || notes.length === 0 ? (
          <Notes notes={notes} />
        ) : (
          <details>
            <summary>{warnings(notes.length)[language]}</summary>
            <Notes notes={notes} />
          </details>
        )}
      </td>
    </tr>
  );
}

function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul>
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
