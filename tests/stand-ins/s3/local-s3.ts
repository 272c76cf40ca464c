import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { listenOnLoopback, stopServer } from '../../../scripts/lib/loopback.ts';

type StoredObject = { bytes: Buffer; etag: string; contentType: string };
type Reply = { status: number; headers?: Record<string, string>; body?: string | Buffer };

export type LocalS3 = {
  url: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** By bucket, then by key. */
  buckets: Map<string, Map<string, StoredObject>>;
  requests: { method: string; path: string; status: number }[];
  /** Answers the next `times` matching requests with this status, before any effect. */
  fail(method: string, path: RegExp, status: number, times?: number): void;
  /** Delays every answer by this many milliseconds. */
  delay(ms: number): void;
  /** Forgets all failures. */
  heal(): void;
  close(): Promise<void>;
};

/** How many keys a listing page holds: small, so that tests page. */
const PAGE_SIZE = 3;

/**
 * An S3 server in memory: GET, PUT (If-Match, If-None-Match, x-amz-content-sha256) and ListObjectsV2, path style,
 * with Signature Version 4 checked on every request. Status codes and error codes are those of Amazon's and Cloudflare's
 * documentation; it was not compared with R2 itself.
 */
export async function startLocalS3(bucketNames: readonly string[]): Promise<LocalS3> {
  const accessKeyId = 'test-key-id';
  const secretAccessKey = 'test-secret';
  const buckets = new Map(bucketNames.map((name) => [name, new Map<string, StoredObject>()]));
  const requests: LocalS3['requests'] = [];
  const faults: { method: string; path: RegExp; status: number; times: number }[] = [];

  let delayMs = 0;

  async function answer(request: IncomingMessage, url: URL): Promise<Reply> {
    const body = await buffer(request);
    if (delayMs > 0) await sleep(delayMs);
    const method = request.method ?? '';
    const fault = faults.find((it) => it.times > 0 && it.method === method && it.path.test(url.pathname));
    if (fault) {
      fault.times--;
      return failure(fault.status, 'InternalError');
    }
    if (!(await isSigned(request, url, body))) return failure(403, 'SignatureDoesNotMatch');
    const [, bucketName = '', ...segments] = url.pathname.split('/');
    const bucket = buckets.get(bucketName);
    if (!bucket) return failure(404, 'NoSuchBucket');
    const key = segments.map(decodeURIComponent).join('/');
    if (key === '') return list(bucket, url.searchParams);
    switch (method) {
      case 'GET':
        return read(bucket, key);
      case 'PUT':
        return write(bucket, key, body, request.headers);
      case 'DELETE':
        bucket.delete(key);
        return { status: 204 };
      default:
        return failure(405, 'MethodNotAllowed');
    }
  }

  async function isSigned({ method, headers }: IncomingMessage, url: URL, body: Buffer): Promise<boolean> {
    const { authorization = '' } = headers;
    const signedHeaders = authorization.match(/SignedHeaders=([^,]+)/)?.[1]?.split(';') ?? [];
    const datetime = headers['x-amz-date'];
    if (typeof datetime !== 'string') return false;
    const expected = await new AwsV4Signer({
      method: method ?? '',
      url: url.href,
      headers: signedHeaders
        .filter((name) => name !== 'host')
        .map((name): [string, string] => [name, String(headers[name])]),
      body: new Uint8Array(body),
      accessKeyId,
      secretAccessKey,
      service: 's3',
      region: 'auto',
      datetime,
      allHeaders: true,
    }).sign();
    return expected.headers.get('authorization') === authorization;
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    answer(request, url).then(
      ({ status, headers = {}, body = '' }) => {
        requests.push({ method: request.method ?? '', path: url.pathname, status });
        response.writeHead(status, headers).end(body);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const port = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${port}`,
    accessKeyId,
    secretAccessKey,
    buckets,
    requests,
    fail: (method, path, status, times = 1) => faults.push({ method, path, status, times }),
    delay: (ms) => {
      delayMs = ms;
    },
    heal: () => faults.splice(0),
    close: () => stopServer(server),
  };
}

function read(bucket: Map<string, StoredObject>, key: string): Reply {
  const object = bucket.get(key);
  if (!object) return failure(404, 'NoSuchKey');
  return { status: 200, headers: { etag: object.etag, 'content-type': object.contentType }, body: object.bytes };
}

function write(
  bucket: Map<string, StoredObject>,
  key: string,
  bytes: Buffer,
  headers: IncomingMessage['headers'],
): Reply {
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (headers['x-amz-content-sha256'] !== digest) return failure(400, 'XAmzContentSHA256Mismatch');
  const stored = bucket.get(key);
  if (headers['if-none-match'] === '*' && stored) return failure(412, 'PreconditionFailed');
  if (headers['if-match'] !== undefined && headers['if-match'] !== stored?.etag)
    return failure(412, 'PreconditionFailed');
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  bucket.set(key, { bytes, etag, contentType: headers['content-type'] ?? '' });
  return { status: 200, headers: { etag } };
}

function list(bucket: Map<string, StoredObject>, query: URLSearchParams): Reply {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const keys = Array.from(bucket.keys())
    .filter((key) => key.startsWith(prefix) && key > after)
    .sort();
  const page = keys.slice(0, PAGE_SIZE);
  const next = keys.length > page.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  return { status: 200, body: `<?xml version="1.0"?><ListBucketResult>${next}${contents}</ListBucketResult>` };
}

function failure(status: number, code: string): Reply {
  return { status, body: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>` };
}
