import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 500;
/** Where a server asks for a longer delay, its answer is the result. */
const MAX_DELAY_MS = 60_000;

/**
 * Like `fetch`, but repeats the request where the server is busy (429), fails (5xx) or cannot be reached. The delay doubles,
 * unless the server asks for another one. Resolves to the last response where every attempt failed.
 */
export async function retryingFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await fetch(input, init).catch((error: Error) => error);
    const passing = outcome instanceof Error || outcome.status === 429 || outcome.status >= 500;
    const delayMs = outcome instanceof Response ? askedDelayMs(outcome) : null;
    if (!passing || attempt === ATTEMPTS || isConsumed(init) || (delayMs ?? 0) > MAX_DELAY_MS) {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }
    if (outcome instanceof Response) await outcome.body?.cancel();
    await sleep(delayMs ?? FIRST_DELAY_MS * 2 ** (attempt - 1));
  }
}

function askedDelayMs({ headers }: Response): number | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}

/** A stream can be sent only once. */
function isConsumed(init: RequestInit | undefined): boolean {
  return init?.body instanceof ReadableStream;
}
