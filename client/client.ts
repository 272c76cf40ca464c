import * as z from 'zod';
import {
  BatchAnswer,
  BatchEnd,
  BatchResult,
  Capabilities,
  ErasureAnswer,
  ExploreAnswer,
  type ExploreRequest,
  OutcomeEntry,
  type OutcomeRequest,
  PredictAnswer,
  PredictionDetail,
  PredictionPage,
  Problem,
  type StoredPrediction,
  ValidateAnswer,
} from '../common/api/answers.ts';
import { Contract } from '../common/contract/contract.ts';
import { createNdjsonReader } from '../common/tables/ndjson.ts';
import { readRows } from '../common/tables/source-row.ts';

const TIMEOUT_MS = 30_000;

export type ClientOptions = {
  /** Where the API is: https://futurisys.example.workers.dev, say. */
  url: string;
  apiKey?: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** How long an answer may take to begin (default 30 s). */
  timeoutMs?: number;
  fetch?: typeof fetch;
};

/** One record, by the contract's names or aliases; its validity is the server's to judge. */
export type RecordInput = Readonly<Record<string, unknown>>;

export type HistoryQuery = {
  from?: string;
  to?: string;
  version?: string;
  label?: string;
  risk?: string;
  identifier?: number;
  /** Whether an outcome was recorded. */
  outcome?: 'known' | 'unknown';
  /** By time, the newest first (the default), or by probability or value, the highest first. */
  sort?: 'time' | 'probability' | 'value';
  limit?: number;
  cursor?: string;
  /** Whether to count all that match: the answer's `total`. */
  count?: boolean;
};

/** What the API answered instead of what was asked for. `problem` is null where the answer was not of this API. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | null;
  /** To be named when the failure is reported. */
  readonly requestId: string | null;
  /** After how many seconds another attempt makes sense; null where the answer does not say. */
  readonly retryAfterSeconds: number | null;

  constructor(response: Response, text: string) {
    const problem = Problem.safeParse(parseJson(text)).data ?? null;
    const errors = problem?.errors?.map(({ fields, detail }) => ` ${fields.join(', ')}: ${detail}`).join('') ?? '';
    super(problem ? `${problem.title}: ${problem.detail}${errors}` : `HTTP ${response.status}: ${text.slice(0, 200)}`);
    this.name = 'ApiError';
    this.status = response.status;
    this.problem = problem;
    this.requestId = response.headers.get('x-request-id');
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    this.retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  }
}

export type Client = ReturnType<typeof createClient>;

/** A client of the HTTP API, for Node, Workers and browsers. Every method rejects with an ApiError for what is no success. */
export function createClient({
  url,
  apiKey,
  headers = {},
  timeoutMs = TIMEOUT_MS,
  fetch: send = fetch,
}: ClientOptions) {
  async function request(path: string, { headers: more, ...init }: Init = {}): Promise<Response> {
    const abort = new AbortController();
    // A stream is answered once enough of it was sent, which is for its source to say.
    const timer = init.duplex
      ? undefined
      : setTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await send(new URL(path, url), {
        ...init,
        signal: abort.signal,
        headers: { ...(apiKey && { authorization: `Bearer ${apiKey}` }), ...headers, ...more },
      });
      if (!response.ok) throw new ApiError(response, await response.text());
      return response;
    } finally {
      if (timer !== undefined) clearTimeout(timer);
    }
  }

  async function json<S extends z.ZodType>(schema: S, path: string, init?: Init): Promise<z.infer<S>> {
    return schema.parse(await (await request(path, init)).json());
  }

  function withBody(method: string, value: unknown, more: Record<string, string> = {}): Init {
    return { method, body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...more } };
  }

  return {
    /** The same key with the same record gives the same prediction: repeat a request that may have been lost under its key. */
    predict(record: RecordInput, { idempotencyKey }: { idempotencyKey?: string } = {}): Promise<PredictAnswer> {
      const more = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
      return json(PredictAnswer, '/v1/predict', withBody('POST', record, more));
    },

    /** Errors and warnings of a record, without a prediction. */
    validate(record: RecordInput): Promise<ValidateAnswer> {
      return json(ValidateAnswer, '/v1/validate', withBody('POST', record));
    },

    /** What predict would answer, for one record or with several values of one of its fields. Nothing is recorded. */
    explore(request: ExploreRequest): Promise<ExploreAnswer> {
      return json(ExploreAnswer, '/v1/explore', withBody('POST', request));
    },

    /** Predicts up to some thousand records at once. */
    predictAll(records: readonly RecordInput[]): Promise<BatchAnswer> {
      return json(BatchAnswer, '/v1/predict/batch', withBody('POST', records));
    },

    /** Sends records as they come and yields results as they come, in order; the last item is the summary. */
    predictStream(records: AsyncIterable<RecordInput>): AsyncGenerator<BatchResult | BatchEnd, void, undefined> {
      return this.predictFile(linesOf(records), 'application/x-ndjson');
    },

    /** As predictStream, from text: CSV ("text/csv") or NDJSON ("application/x-ndjson"). */
    async *predictFile(
      text: ReadableStream<Uint8Array> | Blob | string,
      contentType: string,
    ): AsyncGenerator<BatchResult | BatchEnd, void, undefined> {
      const response = await request('/v1/predict/batch', {
        method: 'POST',
        body: text,
        ...(text instanceof ReadableStream && { duplex: 'half' }),
        headers: { 'content-type': contentType, accept: 'application/x-ndjson' },
      });
      const reader = createNdjsonReader({ maxLineLength: Number.POSITIVE_INFINITY });
      for await (const rows of readRows(reader, textOf(response)))
        for (const row of rows) yield BatchLine.parse('value' in row ? row.value : null);
    },

    /** What there is here, and what this client's key may do. */
    capabilities(): Promise<Capabilities> {
      return json(Capabilities, '/v1/capabilities');
    },

    /** The contract of the version that serves. */
    model(): Promise<Contract> {
      return json(Contract, '/v1/model');
    },

    /** One page of the history, the newest first. */
    listPredictions(query: HistoryQuery = {}): Promise<PredictionPage> {
      return json(PredictionPage, `/v1/predictions?${searchOf(query)}`);
    },

    /** The whole history that the query asks for, page by page. */
    async *allPredictions(query: HistoryQuery = {}): AsyncGenerator<StoredPrediction, void, undefined> {
      let cursor = query.cursor;
      do {
        const page = await this.listPredictions({ ...query, ...(cursor !== undefined && { cursor }) });
        yield* page.items;
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
    },

    getPrediction(id: string): Promise<PredictionDetail> {
      return json(PredictionDetail, `/v1/predictions/${encodeURIComponent(id)}`);
    },

    putOutcome(id: string, outcome: OutcomeRequest): Promise<OutcomeEntry> {
      return json(OutcomeEntry, `/v1/predictions/${encodeURIComponent(id)}/outcome`, withBody('PUT', outcome));
    },

    deletePrediction(id: string): Promise<ErasureAnswer> {
      return json(ErasureAnswer, `/v1/predictions/${encodeURIComponent(id)}`, { method: 'DELETE' });
    },

    /** Erases every prediction about the subject of an identifier. */
    erase(identifier: number): Promise<ErasureAnswer> {
      return json(ErasureAnswer, `/v1/predictions?${searchOf({ identifier })}`, { method: 'DELETE' });
    },

    /** The history as CSV, streamed. */
    async exportPredictions(
      query: Omit<HistoryQuery, 'limit' | 'cursor' | 'count'> = {},
    ): Promise<ReadableStream<Uint8Array> | null> {
      return (await request(`/v1/predictions/export?${searchOf(query)}`)).body;
    },
  };
}

type Init = {
  method?: string;
  body?: string | Blob | ReadableStream<Uint8Array>;
  duplex?: 'half';
  headers?: Record<string, string>;
};

const BatchLine = z.union([BatchEnd, BatchResult]);

function searchOf(query: HistoryQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.toString();
}

function linesOf(records: AsyncIterable<RecordInput>): ReadableStream<Uint8Array> {
  const iterator = records[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

async function* textOf(response: Response): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  if (!reader) return;
  // Not every browser can iterate over a stream.
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read())
      yield decoder.decode(chunk.value, { stream: true });
  } finally {
    await reader.cancel();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
