import { ApiError, createClient } from '../client/client.ts';
import { type Backend, type Exchange, PageError } from './backend.ts';
import { texts } from './texts.ts';

type Options = {
  url: string;
  /** Null for a visitor who has not signed in. */
  apiKey: string | null;
  /** Called when the API does not take the key any more. */
  onRefusedKey(): void;
};

/** The API as a backend. Rejects with an ApiError of status 401 for a key that it does not take. */
export async function connectToApi({ url, apiKey, onRefusedKey }: Options): Promise<Backend> {
  const options = { url, ...(apiKey !== null && { apiKey }) };
  const connecting = createClient({ ...options, fetch: reachable });
  const [capabilities, contract] = await Promise.all([connecting.capabilities(), connecting.model()]);

  const send: typeof fetch = async (input, init) => {
    const response = await reachable(input, init);
    if (response.status === 401) onRefusedKey();
    return response;
  };
  const client = createClient({ ...options, fetch: send });

  return {
    capabilities,
    contract,
    offline: false,
    ready: Promise.resolve(),
    predict: (record, { idempotencyKey, watch }) =>
      // An environment that records nothing refuses the key.
      createClient({ ...options, fetch: watched(send, watch) }).predict(
        record,
        capabilities.history ? { idempotencyKey } : {},
      ),
    explore: (request) => client.explore(request),
    predictFile(file, signal) {
      const abortable: typeof fetch = (input, init) =>
        send(input, { ...init, signal: AbortSignal.any([signal, ...(init?.signal ? [init.signal] : [])]) });
      return createClient({ ...options, fetch: abortable }).predictFile(file, 'text/csv');
    },
    history: capabilities.history ? client : null,
  };
}

/** As fetch; says in the page's words that nothing was reached. */
const reachable: typeof fetch = async (input, init) => {
  try {
    return await fetch(input, init);
  } catch (error) {
    throw init?.signal?.aborted ? error : new PageError(texts.unreachable, error);
  }
};

function watched(send: typeof fetch, watch: (exchange: Exchange) => void): typeof fetch {
  return async (input, init) => {
    const started = performance.now();
    const response = await send(input, init);
    const responseBody = await response.clone().text();
    watch({
      method: init?.method ?? 'GET',
      path: new URL(String(input)).pathname,
      requestBody: typeof init?.body === 'string' ? init.body : '',
      status: response.status,
      responseBody,
      requestId: response.headers.get('x-request-id'),
      latencyMs: performance.now() - started,
    });
    return response;
  };
}

/** Whether the API did not take the key that was sent. */
export function isRefusedKey(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
