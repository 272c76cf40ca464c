import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer, json } from 'node:stream/consumers';
import * as z from 'zod';
import { applyMigrations } from '../../scripts/lib/database/migrations.ts';
import { startNeonEndpoint } from '../../scripts/lib/database/neon-endpoint.ts';
import { openEmbedded, openPostgres } from '../../scripts/lib/database/postgres-backends.ts';
import { listenOnLoopback } from '../../scripts/lib/loopback.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { PlatformCommand } from '../lib/platform.ts';
import { storedModel } from '../lib/stored-model.ts';

/**
 * The services of Cloudflare and Neon around the Worker, for `workerd serve`: R2 (the model, read only), an edge cache that is
 * always empty, a queue, and Neon's endpoint in front of a Postgres. It is a process of its own, so that the load generator
 * has its thread for itself. lib/platform.ts starts and ends it.
 */
/** What workerd sends as Host to R2 and to a queue, and the host under which workers/inference keeps copies in the cache. */
const hosts = ['fake-host', 'models.invalid'];

const objects = await storedModel(await readModelFolder('model'));
const storagePort = await listenOnLoopback(
  createServer((request, response) => {
    const question = request.headers['cf-r2-request'];
    if (typeof question === 'string') answerR2(question, response);
    else void answerCache(request, response);
  }),
  0,
  { hosts },
);

const waiting: string[] = [];
/** Where messages are delivered; null while there is no consumer. */
let consumer: z.infer<typeof PlatformCommand>['consume'] | null = null;
let isDelivering = false;
const queuePort = await listenOnLoopback(
  createServer(async (request, response) => {
    const { messages } = QueueBatch.parse(await json(request));
    for (const { body } of messages) waiting.push(Buffer.from(body, 'base64').toString('utf8'));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"metadata":{"metrics":{}}}');
    void deliver();
  }),
  0,
  { hosts },
);

process.on('disconnect', () => process.exit());
process.on('message', async (message) => {
  const { consume, openDatabase, settle } = PlatformCommand.parse(message);
  if (consume) consumer = consume;
  if (settle) {
    while (waiting.length > 0 || isDelivering) await new Promise((resolve) => setTimeout(resolve, 50));
    process.send?.({ settled: true });
  }
  if (openDatabase === undefined) return;
  const backend = await (openDatabase === null ? openEmbedded() : openPostgres(openDatabase));
  const { databaseUrl } = await startNeonEndpoint(backend);
  await applyMigrations(databaseUrl);
  process.send?.({ databaseUrl });
});
process.send?.({ storagePort, queuePort });

/** The messages are text, in base64, as workerd sends them. */
const QueueBatch = z.object({ messages: z.array(z.object({ body: z.string(), contentType: z.literal('text') })) });

/** Delivers while there is something: whole batches at once, what is less after the consumer's time. One batch at a time. */
async function deliver(): Promise<void> {
  if (isDelivering || !consumer) return;
  isDelivering = true;
  const { url, queue, maxBatchSize, maxBatchTimeoutMs } = consumer;
  while (waiting.length > 0) {
    if (waiting.length < maxBatchSize) await new Promise((resolve) => setTimeout(resolve, maxBatchTimeoutMs));
    const messages = waiting.slice(0, maxBatchSize);
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ queue, messages }) }).catch(() => null);
    const outcome = answer?.ok ? Outcome.parse(await answer.json()) : null;
    // What was not acknowledged is tried again, as the platform would.
    if (outcome?.outcome === 'ok' && !outcome.retryBatch.retry && outcome.retryMessages.length === 0) {
      waiting.splice(0, messages.length);
    } else await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  isDelivering = false;
}

const Outcome = z.object({
  outcome: z.string(),
  retryBatch: z.object({ retry: z.boolean() }),
  retryMessages: z.array(z.unknown()),
});

const R2Request = z.object({ method: z.string(), object: z.string().optional() });
const NO_SUCH_KEY = JSON.stringify({ version: 1, v4code: 10007, message: 'The specified key does not exist.' });

/** The protocol of workerd's binding: the question in a header, the object's description before its bytes. */
function answerR2(question: string, response: ServerResponse): void {
  const { method, object = '' } = R2Request.parse(JSON.parse(question));
  const bytes = objects.get(object);
  if (method !== 'get' || !bytes) {
    response.writeHead(404, { 'cf-r2-error': NO_SUCH_KEY }).end();
    return;
  }
  const etag = createHash('md5').update(bytes).digest('hex');
  const description = { name: object, version: etag, size: String(bytes.length), etag, uploaded: '0' };
  const metadata = Buffer.from(
    JSON.stringify({ ...description, httpFields: {}, customFields: [], checksums: {}, storageClass: 'Standard' }),
  );
  response.writeHead(200, { 'cf-r2-metadata-size': String(metadata.length) }).end(Buffer.concat([metadata, bytes]));
}

async function answerCache(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A Worker that is stopped leaves off in the middle of what it copies.
  await buffer(request).catch(() => null);
  response.writeHead(request.method === 'PUT' ? 204 : 504).end();
}
