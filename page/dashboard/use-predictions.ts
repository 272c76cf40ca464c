import { useCallback, useEffect, useState } from 'preact/hooks';
import type { HistoryQuery } from '../../client/client.ts';
import type { StoredPrediction } from '../../common/api/answers.ts';
import type { History } from '../backend.ts';

/** How many predictions are read at most, the newest: some seconds and some megabytes. */
export const LIMIT = 5000;
const PAGE_ROWS = 200;

export type Reading = {
  /** How many are read so far. */
  count: number;
  /** Null until all are read. */
  predictions: StoredPrediction[] | null;
  /** Whether there are more than are read. */
  isCut: boolean;
  failure: unknown;
};

const NOTHING: Reading = { count: 0, predictions: null, isCut: false, failure: null };

/** Reads the history from a day on (ISO date), or all of it, page by page. */
export function usePredictions(history: History, from: string | null): Reading & { again(): void } {
  const [reading, setReading] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    async function read(): Promise<void> {
      const predictions: StoredPrediction[] = [];
      let query: HistoryQuery = { limit: PAGE_ROWS, ...(from !== null && { from }) };
      for (;;) {
        const { items, nextCursor } = await history.listPredictions(query);
        if (!isCurrent) return;
        predictions.push(...items);
        const isCut = nextCursor !== null && predictions.length >= LIMIT;
        if (nextCursor === null || isCut) {
          return setReading({ count: predictions.length, predictions, isCut, failure: null });
        }
        setReading({ ...NOTHING, count: predictions.length });
        query = { ...query, cursor: nextCursor };
      }
    }
    setReading(NOTHING);
    read().catch((failure: unknown) => isCurrent && setReading({ ...NOTHING, failure }));
    return () => {
      isCurrent = false;
    };
  }, [history, from, attempt]);
  return { ...reading, again: useCallback(() => setAttempt((before) => before + 1), []) };
}
