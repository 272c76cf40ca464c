import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { Outcome } from '../../common/contract/outputs/outputs.ts';
import type { Language } from '../language.ts';
import type { OutcomeColumn } from '../outputs/view.ts';
import { outputView } from '../outputs/views.ts';
import { addressOf } from '../route.ts';
import { describeNotes } from './notes.ts';
import { arrange, type Filter, type Order, type Row, type Summary } from './rows.ts';
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

/** The rows, a page at a time: the other pages cost nothing to draw. */
export function ResultsTable({ rows, summary, contract, language, linked }: Props) {
  const [filter, setFilter] = useState<Filter>({ show: summary.predicted === 0 ? 'refused' : 'all' });
  const [order, setOrder] = useState<Order>({ column: 'line', descending: false });
  const [page, setPage] = useState(0);
  const view = outputView(contract.output);
  const arranged = useMemo(() => arrange(rows, filter, order, view), [rows, filter, order, view]);
  useEffect(() => setPage(0), [rows, filter, order]);

  const start = page * PAGE_ROWS;
  const shown = arranged.slice(start, start + PAGE_ROWS);
  const files = new Set(rows.map(({ file }) => file));
  const outcomeColumns = view.columns.filter(({ isSecondary }) => !isSecondary);
  // The place of a row begins at its beginning. Of an outcome, a reader looks for the highest first.
  const columns = [
    { id: 'line', label: texts.line, isNumber: true, isHighestFirst: false },
    ...(contract.identifier
      ? [{ id: 'identifier', label: contract.identifier.label, isNumber: true, isHighestFirst: false }]
      : []),
    ...outcomeColumns.map((column) => ({ ...column, isHighestFirst: true })),
    { id: 'notes', label: texts.notes, isNumber: false, isHighestFirst: true },
  ];

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
              {columns.map(({ id, label, isNumber, isHighestFirst }) => (
                <th
                  key={id}
                  scope="col"
                  class={isNumber ? 'number' : undefined}
                  aria-sort={order.column === id ? (order.descending ? 'descending' : 'ascending') : undefined}
                >
                  <button
                    type="button"
                    class="sort"
                    onClick={() =>
                      setOrder({ column: id, descending: order.column === id ? !order.descending : isHighestFirst })
                    }
                  >
                    {label[language]}
                    <span class="arrow" aria-hidden="true">
                      {order.column === id ? (order.descending ? ' ▼' : ' ▲') : ' ↕'}
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
                {...{ row, contract, language, linked, outcomeColumns }}
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

type FilterProps = {
  filter: Filter;
  setFilter(filter: Filter): void;
  summary: Summary;
  contract: Contract;
  language: Language;
};

/** Offers the filters that match any row, each with its number of rows. */
function FilterSelect({ filter, setFilter, summary, contract, language }: FilterProps) {
  const { groups } = outputView(contract.output);
  const choices: { text: string; filter: Filter; count: number }[] = [
    { text: texts.all[language], filter: { show: 'all' }, count: summary.total },
    ...groups.map(({ id, describe }) => ({
      text: describe(language),
      filter: { group: id },
      count: summary.groups.get(id) ?? 0,
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

type RowProps = {
  row: Row;
  contract: Contract;
  language: Language;
  linked: boolean;
  named: boolean;
  outcomeColumns: readonly OutcomeColumn<Outcome>[];
};

function ResultRow({ row, contract, language, linked, named, outcomeColumns }: RowProps) {
  const notes = describeNotes(row.notes, contract, language);
  return (
    <tr class={row.status === 'refused' ? 'refused' : undefined}>
      <th scope="row" class="number">
        {row.line}
        {named && <span class="file-name small quiet">{row.file}</span>}
      </th>
      {contract.identifier && <td class="number">{row.identifier}</td>}
      {outcomeColumns.map(({ id, isNumber, show }, i) => (
        <td key={id} class={isNumber ? 'number' : undefined}>
          {row.status === 'predicted' ? (
            <Linked to={linked && i === 0 ? row.result.id : null}>{show(row.result, language)}</Linked>
          ) : (
            i === outcomeColumns.length - 1 && <NoOutcome row={row} language={language} />
          )}
        </td>
      ))}
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

/** Leads to a recorded prediction; null leads nowhere. */
function Linked({ to, children }: { to: string | null; children: ComponentChildren }) {
  return to === null ? children : <a href={addressOf('history', to)}>{children}</a>;
}

function NoOutcome({ row, language }: { row: Row; language: Language }) {
  return row.status === 'refused' ? <span class="error">{texts.refusedRow[language]}</span> : '–';
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
