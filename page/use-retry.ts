import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from '../client/client.ts';
import { PageError } from './backend.ts';
import { texts } from './texts.ts';

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;

/** Asks again after a failure that may pass: once the browser is online again, and after ever longer pauses. */
export function useRetry(error: unknown, again: () => void): void {
  const failures = useRef(0);
  useEffect(() => {
    if (error === null) failures.current = 0;
    if (!mayPass(error)) return;
    const timer = setTimeout(again, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures.current));
    failures.current += 1;
    addEventListener('online', again);
    return () => {
      clearTimeout(timer);
      removeEventListener('online', again);
    };
  }, [error, again]);
}

function mayPass(error: unknown): boolean {
  if (error instanceof PageError) return error.text === texts.unreachable;
  return error instanceof ApiError && (error.status >= 500 || error.status === 429);
}
