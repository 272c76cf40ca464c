import { useEffect, useState } from 'preact/hooks';
import type { ExploreAnswer, ExploreRequest } from '../../common/api/answers.ts';
import type { Backend } from '../backend.ts';

/** How long the form must stay unchanged before a question: none is sent while a visitor types or drags. */
const DEBOUNCE_MS = 300;

export type Exploration = {
  /** The latest answer, which may be to an earlier request: see `isCurrent`. */
  answer: ExploreAnswer | null;
  isCurrent: boolean;
  /** Why the current request has no answer. */
  error: unknown;
};

type Settled = { key: string; answer: ExploreAnswer | null; error: unknown };

/** Asks for predict's answer without a record, whenever the request changes. Null asks nothing. */
export function useExploration(backend: Backend, request: ExploreRequest | null): Exploration {
  const [settled, setSettled] = useState<Settled>({ key: '', answer: null, error: null });
  const key = request === null ? '' : JSON.stringify(request);

  useEffect(() => {
    if (request === null) return;
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
  }, [backend, key]);

  const isCurrent = key !== '' && settled.key === key;
  return {
    answer: settled.answer,
    isCurrent: isCurrent && settled.error === null,
    error: isCurrent ? settled.error : null,
  };
}
