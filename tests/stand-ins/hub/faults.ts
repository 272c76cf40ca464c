import { setTimeout as sleep } from 'node:timers/promises';
import { HubError } from './hub-error.ts';
import type { Reply } from './reply.ts';

export type FailRule = {
  /** Any, if absent. */
  method?: string;
  path: RegExp;
  status: 429 | 500 | 502 | 503 | 504;
  /** How many requests fail; 1 unless told. */
  times?: number;
  /** Seconds: on a 429 in RateLimit, where the Hub's documentation puts them (https://huggingface.co/docs/hub/rate-limits), else in Retry-After. */
  retryAfter?: number;
};

type Countdown = { path: RegExp; times: number };

const MESSAGES: Record<FailRule['status'], string> = {
  429: 'We had to rate limit you.',
  500: 'Internal Error - We are working hard to fix this as soon as possible!',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The faults that a test asked for. A path is matched against the request's, without its query. */
export class Faults {
  #failures: (FailRule & Countdown)[] = [];
  #cuts: (Countdown & { bytes: number })[] = [];
  #truncations: (Countdown & { bytes: number })[] = [];
  #corruptions: (Countdown & { at: number | undefined })[] = [];
  #delays: (Countdown & { ms: number })[] = [];
  readonly #stopped = new AbortController();

  fail(rule: FailRule): void {
    this.#failures.push({ ...rule, times: rule.times ?? 1 });
  }

  cutAfter(path: RegExp, bytes: number, times = 1): void {
    this.#cuts.push({ path, bytes, times });
  }

  truncate(path: RegExp, bytes: number, times = Infinity): void {
    this.#truncations.push({ path, bytes, times });
  }

  corrupt(path: RegExp, { at, times = Infinity }: { at?: number; times?: number } = {}): void {
    this.#corruptions.push({ path, at, times });
  }

  delay(path: RegExp, ms: number, times = Infinity): void {
    this.#delays.push({ path, ms, times });
  }

  clear(): void {
    this.#failures = [];
    this.#cuts = [];
    this.#truncations = [];
    this.#corruptions = [];
    this.#delays = [];
  }

  /** Ends the delays under way; their requests are dropped. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Waits as told; rejects if stopped. */
  async wait(path: string): Promise<void> {
    const delay = take(this.#delays, path);
    if (delay) await sleep(delay.ms, undefined, { signal: this.#stopped.signal });
  }

  /** Throws in the route's place, if it is to fail. */
  check(method: string, path: string): void {
    const failure = take(this.#failures, path, (rule) => rule.method === undefined || rule.method === method);
    if (!failure) return;
    const { status, retryAfter } = failure;
    const headers: Record<string, string> = {};
    if (retryAfter !== undefined) {
      if (status === 429) headers['ratelimit'] = `"api";r=0;t=${retryAfter}`;
      else headers['retry-after'] = String(retryAfter);
    }
    throw new HubError(status, MESSAGES[status], headers);
  }

  /** What is sent of a reply, and whether the connection is then destroyed. */
  distort(path: string, reply: Reply): { headers: Reply['headers']; body: Buffer; cut: boolean } {
    let { body } = reply;
    const start = reply.start ?? 0;
    if (reply.size !== undefined) {
      const { size } = reply;
      const isServed = (at: number) => at >= start && at < start + body.length;
      const corruption = take(this.#corruptions, path, ({ at }) => isServed(at ?? Math.floor(size / 2)));
      if (corruption) {
        const index = (corruption.at ?? Math.floor(size / 2)) - start;
        body = Buffer.from(body);
        body.writeUInt8(body.readUInt8(index) ^ 0xff, index);
      }
      const truncation = take(this.#truncations, path, ({ bytes }) => start + body.length > bytes);
      if (truncation) body = body.subarray(0, Math.max(truncation.bytes - start, 0));
    }
    const headers = { ...reply.headers, 'content-length': String(body.length) };
    const cut = take(this.#cuts, path, ({ bytes }) => body.length > bytes);
    if (cut) body = body.subarray(0, cut.bytes);
    return { headers, body, cut: cut !== undefined };
  }
}

/** The first rule that applies and is not used up; it counts as used. */
function take<Rule extends Countdown>(rules: Rule[], path: string, applies: (rule: Rule) => boolean = () => true) {
  const rule = rules.find((candidate) => candidate.times > 0 && candidate.path.test(path) && applies(candidate));
  if (rule) rule.times -= 1;
  return rule;
}
