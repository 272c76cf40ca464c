import { useCallback, useEffect, useState } from 'preact/hooks';

/** A question and its answer: `value` is the latest answer, and stays while the question is asked again. */
export type Asked<T> = { value: T | null; failure: unknown; isAsking: boolean; again(): void };

/** Asks when it is first shown, and whenever `ask` is another function. */
export function useAsked<T>(ask: () => Promise<T>): Asked<T> {
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<Omit<Asked<T>, 'again'>>({ value: null, failure: null, isAsking: true });
  useEffect(() => {
    let isCurrent = true;
    setState(({ value }) => ({ value, failure: null, isAsking: true }));
    ask().then(
      (value) => isCurrent && setState({ value, failure: null, isAsking: false }),
      (failure: unknown) => isCurrent && setState({ value: null, failure, isAsking: false }),
    );
    return () => {
      isCurrent = false;
    };
  }, [ask, attempt]);
  const again = useCallback(() => setAttempt((before) => before + 1), []);
  return { ...state, again };
}
