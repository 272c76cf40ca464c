import { useCallback, useEffect, useState } from 'preact/hooks';
import type { HistoryQuery } from '../../client/client.ts';
import type { PredictionPage, StoredPrediction } from '../../common/api/answers.ts';
import type { History } from '../backend.ts';

/** How many predictions are read at most, the newest: some seconds and some megabytes. */
export const LIMIT = 5000;
const PAGE_ROWS = 200;

/** The newest predictions that a query asks for. */
type Part = {
  predictions: StoredPrediction[];
  /** Whether there are more than are read. */
  isCut: boolean;
};

export type Reading = {
  /** How many are read so far. */
  count: number;
  /** Null until all are read. */
  all: Part | null;
  /** Those whose outcome is known. They are older than the newest ones: outcomes come months after the predictions. */
  known: Part | null;
  failure: unknown;
};

const NOTHING: Reading = { count: 0, all: null, known: null, failure: null };

/** Reads the history from a day on (ISO date), or all of it, page by page. */
export function usePredictions(history: History, from: string | null): Reading & { again(): void } {
  const [reading, setReading] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const count = (read: number) => {
      if (isCurrent) setReading(({ count, ...rest }) => ({ ...rest, count: count + read }));
      return isCurrent;
    };
    async function read(): Promise<void> {
      const query = from === null ? {} : { from };
      const all = await readPart(history, query, count);
      const known = all.isCut
        ? await readPart(history, { ...query, outcome: 'known' }, count)
        : { predictions: all.predictions.filter(({ outcome }) => outcome !== null), isCut: false };
      if (isCurrent) setReading(({ count }) => ({ count, all, known, failure: null }));
    }
    setReading(NOTHING);
    read().catch((failure: unknown) => isCurrent && setReading({ ...NOTHING, failure }));
    return () => {
      isCurrent = false;
    };
  }, [history, from, attempt]);
  return { ...reading, again: useCallback(() => setAttempt((before) => before + 1), []) };
}

/** Reads page by page, as long as `count` says that anybody waits for it. */
async function readPart(history: History, query: HistoryQuery, count: (read: number) => boolean): Promise<Part> {
  const predictions: StoredPrediction[] = [];
  let cursor: string | null = null;
  do {
    const page: PredictionPage = await history.listPredictions({
      ...query,
      limit: PAGE_ROWS,
      ...(cursor !== null && { cursor }),
    });
    predictions.push(...page.items);
    cursor = page.nextCursor;
    if (!count(page.items.length)) break;
  } while (cursor !== null && predictions.length < LIMIT);
  return { predictions, isCut: cursor !== null };
}
