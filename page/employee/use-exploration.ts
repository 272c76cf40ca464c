import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ExploreAnswer, ExploreRequest } from '../../common/api/answers.ts';
import type { Backend } from '../backend.ts';
import { useRetry } from '../use-retry.ts';

/** How long the form must stay unchanged before a question: none is sent while a visitor types or drags. */
const DEBOUNCE_MS = 300;

export type Exploration = {
  /** The latest answer, which may be to an earlier request: see `isCurrent`. */
  answer: ExploreAnswer | null;
  isCurrent: boolean;
  /** Why the current request has no answer; null where nothing failed. */
  error: unknown;
  again(): void;
};

type Settled = { key: string; answer: ExploreAnswer | null; error: unknown };

/**
 * Asks for predict's answer without a record, whenever the request changes. Null asks nothing. A failure that may pass is asked
 * about again, and shown until there is an answer.
 */
export function useExploration(backend: Backend, request: ExploreRequest | null): Exploration {
  const [settled, setSettled] = useState<Settled>({ key: '', answer: null, error: null });
  const [attempt, setAttempt] = useState(0);
  const key = request === null ? '' : JSON.stringify(request);

  useEffect(() => {
    // The failure of a request that nobody makes any more says nothing when the same one is made again.
    if (request === null) return setSettled(({ answer }) => ({ key: '', answer, error: null }));
    let isWanted = true;
    const timer = setTimeout(() => {
      backend.explore(request).then(
        (answer) => isWanted && setSettled({ key, answer, error: null }),
        (error: unknown) => isWanted && setSettled(({ answer }) => ({ key, answer, error })),
      );
    }, DEBOUNCE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
    // `key` is the request, by value.
  }, [backend, key, attempt]);

  const isCurrent = key !== '' && settled.key === key;
  const error = isCurrent ? settled.error : null;
  const again = useCallback(() => setAttempt((before) => before + 1), []);
  useRetry(error, again);
  return { answer: settled.answer, isCurrent: isCurrent && error === null, error, again };
}
