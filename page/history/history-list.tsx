import type { RefObject } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { HistoryQuery } from '../../client/client.ts';
import type { StoredPrediction } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import type { Text } from '../../common/contract/text.ts';
import { observedOf } from '../../common/history/observed-outcome.ts';
import type { History } from '../backend.ts';
import { Failure } from '../failure.tsx';
import { formatTime, type Language } from '../language.ts';
import { type AnyOutputView, outputView } from '../outputs/views.ts';
import { addressOf } from '../route.ts';
import { save } from '../save.ts';
import { useAsked } from '../use-asked.ts';
import { fromSearch, isFiltered, readFilter, toSearch } from './filter.ts';
import { FilterForm } from './filter-form.tsx';
import { shown, texts } from './texts.ts';

const PAGE_ROWS = 25;

/** The cursors of the pages up to the one that is shown, for the filter in an address; the first page has none. */
type Place = { search: string; cursors: readonly (string | undefined)[] };

const FIRST_PAGE: Place['cursors'] = [undefined];

type Props = {
  history: History;
  contract: Contract;
  language: Language;
  /** The filter, as the address has it. */
  search: string;
  notice: string;
  heading: RefObject<HTMLHeadingElement | null>;
};

/** The history, a page at a time. */
export function HistoryList({ history, contract, language, search, notice, heading }: Props) {
  const [place, setPlace] = useState<Place>({ search, cursors: FIRST_PAGE });
  const filter = useMemo(() => fromSearch(search), [search]);
  // Null for an address that is wrong: the form says why.
  const query = useMemo(() => {
    const reading = readFilter(filter, contract.identifier?.prefixes);
    return reading.ok ? reading.query : null;
  }, [filter, contract]);
  const cursors = place.search === search ? place.cursors : FIRST_PAGE;
  const setCursors = (cursors: Place['cursors']) => setPlace({ search, cursors });
  const cursor = cursors.at(-1);
  const ask = useCallback(async () => {
    if (!query) return null;
    const page = { limit: PAGE_ROWS, count: true, ...(cursor !== undefined && { cursor }) };
    return history.listPredictions({ ...query, ...page });
  }, [history, query, cursor]);
  const { value, failure, isAsking, again } = useAsked(ask);
  const order = outputView(contract.output).sorts.find(({ value }) => value === query?.sort);
  const items = value?.items ?? [];
  const first = (cursors.length - 1) * PAGE_ROWS;
  const next = value?.nextCursor ?? null;
  return (
    <section class="panel">
      <h2 ref={heading} tabIndex={-1} class="list-heading">
        {texts.title[language]}
      </h2>
      <p role="status" class={notice ? 'note' : 'unseen'}>
        {notice}
      </p>
      <FilterForm
        contract={contract}
        language={language}
        filter={filter}
        apply={(chosen) => {
          const address = addressOf('history', '', toSearch(chosen));
          if (address === location.hash) again();
          else location.hash = address;
        }}
      />
      {failure !== null && <Failure error={failure} language={language} retry={again} />}
      {value && (
        <>
          <div class="row list-tools">
            <p class="quiet small numbers" role="status">
              {items.length > 0 &&
                shown(first + 1, first + items.length, value.total ?? null, order?.label ?? texts.newestFirst)[
                  language
                ]}
            </p>
            <span class="row no-print">
              <button type="button" disabled={isAsking} onClick={again}>
                {texts.refresh[language]}
              </button>
              {query && items.length > 0 && <ExportButton history={history} query={query} language={language} />}
            </span>
          </div>
          {items.length > 0 ? (
            <PredictionTable items={items} contract={contract} language={language} />
          ) : (
            <p class="note">{(isFiltered(filter) ? texts.noMatch : texts.empty)[language]}</p>
          )}
          <Pages
            {...{ cursors, next, isAsking, language, setCursors }}
            words={order ? [texts.previousPage, texts.nextPage] : [texts.newer, texts.older]}
          />
        </>
      )}
    </section>
  );
}

type PagesProps = {
  cursors: Place['cursors'];
  /** The cursor of the next page; null on the last. */
  next: string | null;
  isAsking: boolean;
  /** How the page before and the page after are called. */
  words: [before: Text, after: Text];
  language: Language;
  setCursors(cursors: Place['cursors']): void;
};

/** The way to the page before and the page after. */
function Pages({ cursors, next, isAsking, words: [before, after], language, setCursors }: PagesProps) {
  return (
    <nav class="row pages no-print" aria-label={texts.pages[language]}>
      <button
        type="button"
        disabled={isAsking || cursors.length === 1}
        onClick={() => setCursors(cursors.slice(0, -1))}
      >
        {before[language]}
      </button>
      <button
        type="button"
        disabled={isAsking || next === null}
        onClick={() => next !== null && setCursors([...cursors, next])}
      >
        {after[language]}
      </button>
    </nav>
  );
}

type TableProps = { items: readonly StoredPrediction[]; contract: Contract; language: Language };

function PredictionTable({ items, contract, language }: TableProps) {
  const { columns, describeObserved } = outputView(contract.output);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="scroll" aria-label={texts.title[language]} tabIndex={0}>
      <table class="history">
        <thead>
          <tr>
            <th scope="col">{texts.date[language]}</th>
            {contract.identifier && (
              <th scope="col" class="number">
                {contract.identifier.label[language]}
              </th>
            )}
            {columns.map((column) => (
              <th key={column.id} scope="col" class={classOf(column)}>
                {column.label[language]}
              </th>
            ))}
            <th scope="col" class={SECONDARY}>
              {texts.version[language]}
            </th>
            <th scope="col">{texts.outcome[language]}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((prediction) => (
            <tr key={prediction.id}>
              <th scope="row">
                <a href={addressOf('history', prediction.id)}>{formatTime(language, prediction.createdAt)}</a>
              </th>
              {contract.identifier && (
                <td class="number" data-label={contract.identifier.label[language]}>
                  {prediction.identifier ?? '–'}
                </td>
              )}
              {columns.map((column) => (
                <td
                  key={column.id}
                  class={classOf(column)}
                  data-label={column.isSecondary ? undefined : column.label[language]}
                >
                  {column.show(prediction, language)}
                </td>
              ))}
              <td class={SECONDARY}>{prediction.model.version}</td>
              <td class={prediction.outcome ? undefined : 'quiet'} data-label={texts.outcome[language]}>
                {prediction.outcome
                  ? describeObserved(observedOf(prediction.outcome), language)
                  : texts.noOutcome[language]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A narrow window leaves these columns out: the prediction's own view has them. */
const SECONDARY = 'secondary';

function classOf({ isNumber, isSecondary }: AnyOutputView['columns'][number]): string | undefined {
  if (isSecondary) return SECONDARY;
  return isNumber ? 'number' : undefined;
}

function ExportButton({ history, query, language }: { history: History; query: HistoryQuery; language: Language }) {
  const [isExporting, setIsExporting] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  async function download(): Promise<void> {
    setIsExporting(true);
    setFailure(null);
    try {
      const bytes = await new Response(await history.exportPredictions(query)).blob();
      save([bytes], 'predictions.csv', 'text/csv');
    } catch (error) {
      setFailure(error);
    }
    setIsExporting(false);
  }

  return (
    <>
      <button type="button" disabled={isExporting} onClick={() => void download()}>
        {(isExporting ? texts.exporting : texts.export)[language]}
      </button>
      {failure !== null && <Failure error={failure} language={language} />}
    </>
  );
}
