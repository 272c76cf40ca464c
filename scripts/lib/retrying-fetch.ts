import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 500;
/** Where a server asks for a longer delay, its answer is the result. */
const MAX_DELAY_MS = 60_000;
/** The Hub's limits are over windows of five minutes: https://huggingface.co/docs/hub/rate-limits */
const MAX_WINDOW_MS = 300_000;

/**
 * Like `fetch`, but repeats the request where the server is busy (429), fails (5xx) or cannot be reached. The delay doubles,
 * unless the server asks for another one. Resolves to the last response where every attempt failed.
 */
export async function retryingFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await fetch(input, init).catch((error: Error) => error);
    const passing = outcome instanceof Error || outcome.status === 429 || outcome.status >= 500;
    const delayMs = outcome instanceof Response ? askedDelayMs(outcome) : null;
    if (!passing || attempt === ATTEMPTS || isConsumed(init) || delayMs === Infinity) {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }
    if (outcome instanceof Response) await outcome.body?.cancel();
    await sleep(delayMs ?? FIRST_DELAY_MS * 2 ** (attempt - 1));
  }
}

/** The delay that the server asks for; null where it asks for none, Infinity where it asks for a longer one than anybody waits. */
function askedDelayMs(response: Response): number | null {
  const windowMs = response.status === 429 ? windowDelayMs(response) : null;
  if (windowMs !== null) return windowMs;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  if (!Number.isFinite(seconds)) return null;
  return seconds * 1000 > MAX_DELAY_MS ? Infinity : seconds * 1000;
}

/**
 * The rest of the window in which nothing more is answered, as the Hub tells it with a 429: `RateLimit: "api";r=0;t=55`
 * (https://huggingface.co/docs/hub/rate-limits). Null for a longer window than the Hub's.
 */
function windowDelayMs({ headers }: Response): number | null {
  const seconds = /;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  const delayMs = seconds === undefined ? null : Number(seconds) * 1000;
  return delayMs !== null && delayMs <= MAX_WINDOW_MS ? delayMs : null;
}

/** A stream can be sent only once. */
function isConsumed(init: RequestInit | undefined): boolean {
  return init?.body instanceof ReadableStream;
}
