import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback, stopServer } from '../../../scripts/lib/loopback.ts';
import { commitRoutes, uploadRoutes } from './commit-routes.ts';
import { authenticate, type Context, createSigner, type Hub, type Route, type Token } from './context.ts';
import { type FailRule, Faults } from './faults.ts';
import { fileRoutes, storeRoutes } from './file-routes.ts';
import { HubError } from './hub-error.ts';
import { json, type Reply } from './reply.ts';
import { repositoryRoutes } from './repository-routes.ts';

/**
 * A Hugging Face Hub on loopback, in memory, for tests.
 *
 * From the source of the client, @huggingface/hub 2.17.5: the URLs, methods and bodies of every request it makes for
 * models and Spaces; the fields, headers and statuses that it reads; and what its own tests assert of the real Hub (git
 * and LFS oids, the pointer's size, ETags, 401 for a missing repository without a token and 404 with one, an empty
 * branch, a branch overwritten).
 *
 * From huggingface_hub (Python), its source and its tests against the real Hub: tags (POST and DELETE, for which the
 * client has no function), `/refs`, short names of commits, 409 for a branch or a tag that exists, 412 for a parent
 * commit that is not the head, `X-Error-Code`, `X-Error-Message`, `RateLimit`, the deletion of a folder, directories in
 * a recursive listing, `url` in the 409 for a repository that exists, `shouldIgnore` and `oid` of a preupload, paths as a
 * form, the blobs of a description, `/api/validate-yaml`.
 *
 * Not compared with the real Hub: the wording of most errors, and that resolve and raw word them as text, not as JSON;
 * 400 for an LFS file that was not uploaded; 404 for the deletion of a missing file; an empty commit for no changes; a
 * NUL in a file's first 512 bytes as a reason for LFS; the order of a listing; `lastModified` of a revision other than
 * the head; 416 for a range of an empty file; signed URLs that last an hour; the initial files of a repository (fewer
 * here, and a shorter .gitattributes).
 *
 * Not emulated: Xet, multipart uploads, pull requests, datasets, gated repositories, a branch with a slash in its name
 * where the client does not escape it, a redirect to a cache for small files, the building and running of a Space.
 */
export type LocalHub = {
  /** For the client's `hubUrl`. */
  url: string;
  /** The other origin, where LFS files are uploaded to and downloaded from. */
  storeUrl: string;
  /** Every request that was answered, in order; a fault's answer counts. */
  requests: readonly LoggedRequest[];
  /** Answers `times` (1) requests with an error, before they have any effect. */
  fail(rule: FailRule): void;
  /**
   * Destroys the connection after this many bytes of a longer body, `times` (1) times; the headers announced all of it. The
   * request took effect. With 0 bytes not even the headers are sent.
   */
  cutAfter(path: RegExp, bytes: number, times?: number): void;
  /** Serves only a file's first bytes, as if they were all: only its listed size or hash tells. */
  truncate(path: RegExp, bytes: number, times?: number): void;
  /** Serves a file with one byte inverted, the middle one unless told; what is stored and listed does not change. */
  corrupt(path: RegExp, options?: { at?: number; times?: number }): void;
  /** Makes requests wait before anything else. */
  delay(path: RegExp, ms: number, times?: number): void;
  /** Forgets all of the faults above. */
  heal(): void;
  /** Stops both servers, at once. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

type LoggedRequest = {
  method: string;
  /** As sent, percent-encoded, without the query. */
  path: string;
  query: string;
  /** The header Range. */
  range: string | undefined;
  status: number;
};

export type LocalHubOptions = {
  /** By token; the client wants them to start with `hf_`. */
  tokens?: Readonly<Record<string, Token>>;
  /** Entries in one page of a listing; the Hub's is 1000. */
  pageSize?: number;
  now?: () => Date;
  /** Where it listens; by default a free port. */
  port?: number;
};

/**
 * Starts an empty Hub. A fault's `path` is matched against the path of a request, which for a file is one of
 * `/acme/model/resolve/v1/model.onnx` (redirects if the file is in LFS) and `/cdn/models/acme/model/<sha256>/model.onnx`.
 */
export async function startLocalHub({
  tokens = {},
  pageSize = 1000,
  now = () => new Date(),
  port = 0,
}: LocalHubOptions = {}): Promise<LocalHub> {
  const faults = new Faults();
  const requests: LoggedRequest[] = [];
  const known = new Map(Object.entries(tokens));

  const serve = (routes: readonly Route[], authorize: (request: IncomingMessage) => Token | undefined) =>
    createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const method = request.method ?? 'GET';
      const decide = async () => {
        const body = await buffer(request);
        await faults.wait(url.pathname);
        return answer(routes, { hub, method, url, headers: request.headers, body }, () => {
          faults.check(method, url.pathname);
          return authorize(request);
        });
      };
      decide().then(
        (reply) => {
          const { range } = request.headers;
          requests.push({ method, path: url.pathname, query: url.search, range, status: reply.status });
          const headers = { ...reply.headers, 'x-request-id': `local-${requests.length}` };
          send(response, { ...reply, headers }, method, url.pathname, faults);
        },
        // The client went away before the end of its request, or the Hub is closing.
        () => response.destroy(),
      );
    });

  const main = serve([...repositoryRoutes, ...fileRoutes, ...commitRoutes], ({ headers }) =>
    authenticate(known, headers),
  );
  const store = serve([...storeRoutes, ...uploadRoutes], ({ headers }) => {
    // As S3 does. The client never sends its token to another origin.
    if (headers.authorization !== undefined) throw new HubError(400, 'Only one auth mechanism allowed');
    return undefined;
  });
  const origin = `http://127.0.0.1:${await listenOnLoopback(main, port)}`;
  const storeOrigin = `http://127.0.0.1:${await listenOnLoopback(store)}`;
  const hub: Hub = { repositories: new Map(), origin, pageSize, now, ...createSigner(storeOrigin, now) };

  const close = async () => {
    faults.stop();
    await Promise.all([stopServer(main), stopServer(store)]);
  };
  return {
    url: origin,
    storeUrl: storeOrigin,
    requests,
    fail: (rule) => faults.fail(rule),
    cutAfter: (path, bytes, times) => faults.cutAfter(path, bytes, times),
    truncate: (path, bytes, times) => faults.truncate(path, bytes, times),
    corrupt: (path, options) => faults.corrupt(path, options),
    delay: (path, ms, times) => faults.delay(path, ms, times),
    heal: () => faults.clear(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function answer(
  routes: readonly Route[],
  request: Omit<Context, 'token' | 'part'>,
  authorize: () => Token | undefined,
): Reply {
  try {
    const token = authorize();
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    for (const route of routes) {
      const match = route.method === method && route.path.exec(request.url.pathname);
      if (match) return route.handle({ ...request, token, part: (name) => decode(match.groups?.[name] ?? '') });
    }
    throw new HubError(404, `Cannot ${request.method} ${request.url.pathname}`);
  } catch (error) {
    if (error instanceof HubError) return refuse(error, request.url.pathname);
    // A mistake in the emulation, which a test should see as one.
    return json({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, { status: 501 });
  }
}

/** As JSON from the API, as text from everything else. */
function refuse({ status, message, headers, fields }: HubError, path: string): Reply {
  const described = { ...headers, 'x-error-message': message.replace(/[^ -~]/g, '?') };
  const isApi = path.startsWith('/api/') || path.includes('.git/');
  if (isApi) return json({ error: message, ...fields }, { status, headers: described });
  return { status, headers: { ...described, 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(message) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HubError(400, `Malformed percent-encoding: ${part}`);
  }
}

function send(response: ServerResponse, reply: Reply, method: string, path: string, faults: Faults): void {
  if (method === 'HEAD') {
    response.writeHead(reply.status, { ...reply.headers, 'content-length': String(reply.body.length) }).end();
    return;
  }
  const { headers, body, cut } = faults.distort(path, reply);
  if (cut && body.length === 0) {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, headers);
  if (cut) response.write(body, () => response.destroy());
  else response.end(body);
}
