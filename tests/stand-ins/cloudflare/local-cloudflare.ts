import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { formatKey } from '../../../common/api/api-key.ts';
import type { BinaryContract } from '../../../common/test/binary.ts';
import { listenOnLoopback, stopServer } from '../../../scripts/lib/loopback.ts';
import { type Account, createAccount } from './account.ts';
import { createApi, NOT_EMULATED } from './api.ts';
import { ApiError } from './api-error.ts';
import { createEdge, type EdgeRequest } from './edge.ts';

type ApiLogEntry = { method: string; path: string; status: number };

export type LocalCloudflare = {
  account: Account;
  /** The environment variables with which the real wrangler talks to this server. */
  environment: Record<string, string>;
  /** Where the Worker answers. */
  url: string;
  /** Requests to the API, below the account. */
  requests: ApiLogEntry[];
  /** Requests that this server has no answer for. */
  notEmulated: string[];
  /** Requests to the Worker. */
  edgeRequests: EdgeRequest[];
  edge: ReturnType<typeof createEdge>;
  /** Answers the next `times` matching requests with this status, after `skip` of them passed; before any effect. */
  fail(method: string, path: RegExp, status: number, options?: { times?: number; skip?: number; code?: number }): void;
  heal(): void;
  /** From now on the token reaches only Workers, buckets and queues whose names match. Lists of buckets are refused. */
  limitToken(names: RegExp): void;
  close(): Promise<void>;
};

const PREFIX = '/client/v4/accounts/';
const ACCOUNT_ID = '0123456789abcdef0123456789abcdef';
const TOKEN = 'test-token';

/**
 * A Cloudflare account in memory, for the real wrangler: the part of the REST API that deploying, assets, secrets, buckets and
 * queues need, and an edge that routes requests for one Worker by the current deployment. The addresses, bodies, error
 * codes and answers are those that wrangler 4.156's source sends, checks and reads; routing and version overrides are as
 * Cloudflare's documentation describes them. It was not compared with the real API: in particular the texts of errors, the
 * refusal of a third version, and what of a version a changed secret keeps are assumptions. Nothing is executed: the edge
 * answers for the Worker as the account is told to (`account.behave`).
 */
export async function startLocalCloudflare(workerName: string, contract: BinaryContract): Promise<LocalCloudflare> {
  const account = createAccount();
  const answerApi = createApi(account);
  const requests: ApiLogEntry[] = [];
  const edgeRequests: EdgeRequest[] = [];
  const notEmulated: string[] = [];
  let tokenNames = /(?:)/;
  const faults: { method: string; path: RegExp; status: number; times: number; skip: number; code: number }[] = [];

  function injectFault(method: string, path: string): void {
    const fault = faults.find((it) => it.times > 0 && it.method === method && it.path.test(path));
    if (!fault) return;
    if (fault.skip > 0) {
      fault.skip--;
      return;
    }
    fault.times--;
    throw new ApiError(fault.status, fault.code, 'An unknown error has occurred.');
  }

  /** A token that is limited to one Worker sees no other, and no account-wide list. The text is that of Cloudflare's code 10000. */
  function refuseBeyondToken(path: string, query: URLSearchParams): void {
    const [, worker] = path.match(/^\/workers\/(?:scripts|services|workers)\/([^/]+)/) ?? [];
    const name = worker ?? query.get('name') ?? (path === '/r2/buckets' ? 'every bucket' : null);
    if (name !== null && !tokenNames.test(name)) throw new ApiError(403, 10000, 'Authentication error');
  }

  async function answer(request: IncomingMessage, path: string, query: URLSearchParams): Promise<unknown> {
    const { method = 'GET', headers } = request;
    const body = await buffer(request);
    const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
    const isAllowed = token === TOKEN || (path === '/workers/assets/upload' && account.assets.hasSession(token));
    if (!isAllowed) throw new ApiError(401, 10000, 'Authentication error');
    refuseBeyondToken(path, query);
    injectFault(method, path);
    return answerApi({ method, path, query, token, body, contentType: headers['content-type'] ?? '' });
  }

  const api = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = url.pathname.replace(`${PREFIX}${ACCOUNT_ID}`, '');
    const send = (status: number, body: Record<string, unknown>) => {
      requests.push({ method: request.method ?? '', path, status });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ messages: [], ...body }));
    };
    answer(request, path, url.searchParams).then(
      (result) => send(200, { success: true, errors: [], result }),
      (error: unknown) => {
        const { status, code, message } = error instanceof ApiError ? error : new ApiError(500, 0, String(error));
        if (code === NOT_EMULATED) notEmulated.push(message);
        send(status, { success: false, errors: [{ code, message }], result: null });
      },
    );
  });
  const edge = createEdge(account, workerName, contract, edgeRequests);
  const edgeServer = createServer((request, response) => {
    edge.answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const apiPort = await listenOnLoopback(api);
  const edgePort = await listenOnLoopback(edgeServer);
  return {
    account,
    environment: {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${apiPort}/client/v4`,
      CLOUDFLARE_API_TOKEN: TOKEN,
      FUTURISYS_API_KEY: formatKey('deploy', 'x'.repeat(43)),
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
    },
    url: `http://127.0.0.1:${edgePort}`,
    requests,
    notEmulated,
    edgeRequests,
    edge,
    fail: (method, path, status, { times = 1, skip = 0, code = 10013 } = {}) =>
      faults.push({ method, path, status, times, skip, code }),
    heal: () => faults.splice(0),
    limitToken(names) {
      tokenNames = names;
    },
    async close() {
      await stopServer(api);
      await stopServer(edgeServer);
    },
  };
}
