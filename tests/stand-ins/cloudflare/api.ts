import { randomUUID } from 'node:crypto';
import type { Account, Version, Worker } from './account.ts';
import { ApiError } from './api-error.ts';
import type { Manifest } from './assets.ts';

export type ApiRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** What follows "Bearer" in the request's authorization. */
  token: string;
  body: Buffer;
  contentType: string;
};

/** Cloudflare's code for an address that it does not know. */
export const NOT_EMULATED = 7003;

type Handler = (request: ApiRequest, ...parts: string[]) => unknown;

/** Answers one request to an account, below /client/v4/accounts/ID. Throws an ApiError where Cloudflare would refuse. */
export function createApi(account: Account): (request: ApiRequest) => Promise<unknown> {
  const routes: [method: string, path: RegExp, handler: Handler][] = [
    ['GET', /^\/workers\/services\/([^/]+)$/, (_request, name) => describeService(account, name)],
    ['GET', /^\/workers\/subdomain$/, () => describeAccountSubdomain(account)],
    ['GET', /^\/workers\/workers\/([^/]+)$/, (_request, name) => describeWorker(account.worker(name ?? ''))],
    [
      'PATCH',
      /^\/workers\/workers\/([^/]+)\/versions\/latest$/,
      (request, name) => patchLatestVersion(account, request, name),
    ],
    ['PUT', /^\/workers\/scripts\/([^/]+)$/, (request, name) => putScript(account, request, name ?? '')],
    ['POST', /^\/workers\/scripts\/[^/]+\/assets-upload-session$/, (request) => postAssetManifest(account, request)],
    ['POST', /^\/workers\/assets\/upload$/, (request) => postAssets(account, request)],
    ['GET', /^\/workers\/scripts\/([^/]+)\/versions$/, (_request, name) => listVersions(account.worker(name ?? ''))],
    ['POST', /^\/workers\/scripts\/([^/]+)\/versions$/, (request, name) => postVersion(account, request, name ?? '')],
    [
      'GET',
      /^\/workers\/scripts\/([^/]+)\/versions\/([^/]+)$/,
      (_request, name, id) => describeVersion(account.version(account.worker(name ?? ''), id ?? '')),
    ],
    [
      'GET',
      /^\/workers\/scripts\/([^/]+)\/deployments$/,
      (_request, name) => ({ deployments: listDeployments(account.worker(name ?? '')) }),
    ],
    ['POST', /^\/workers\/scripts\/([^/]+)\/deployments$/, (request, name) => postDeployment(account, request, name)],
    ['GET', /^\/workers\/scripts\/([^/]+)\/secrets$/, (_request, name) => listSecrets(account.worker(name ?? ''))],
    ['PUT', /^\/workers\/scripts\/([^/]+)\/secrets$/, (request, name) => putSecret(account, request, name ?? '')],
    ['PATCH', /^\/workers\/scripts\/([^/]+)\/secrets-bulk$/, (request, name) => patchSecrets(account, request, name)],
    [
      'PATCH',
      /^\/workers\/scripts\/([^/]+)\/script-settings$/,
      (request, name) => patchSettings(account, request, name),
    ],
    [
      'GET',
      /^\/workers\/scripts\/([^/]+)\/subdomain$/,
      (_request, name) => describeSubdomain(account.worker(name ?? '')),
    ],
    ['POST', /^\/workers\/scripts\/([^/]+)\/subdomain$/, (request, name) => postSubdomain(account, request, name)],
    ['PUT', /^\/workers\/scripts\/([^/]+)\/schedules$/, (request, name) => putSchedules(account, request, name)],
    ['GET', /^\/queues$/, ({ query }) => listQueues(account, query.getAll('name'))],
    ['POST', /^\/queues$/, (request) => postQueue(account, request)],
    ['POST', /^\/queues\/([^/]+)\/consumers$/, (request, id) => postConsumer(account, request, id)],
    [
      'PUT',
      /^\/queues\/([^/]+)\/consumers\/([^/]+)$/,
      (request, id, consumer) => putConsumer(account, request, id, consumer),
    ],
    [
      'GET',
      /^\/r2\/buckets$/,
      () => ({ buckets: Array.from(account.buckets, (name) => ({ name, creation_date: '' })) }),
    ],
    ['POST', /^\/r2\/buckets$/, (request) => postBucket(account, request)],
  ];

  return async (request) => {
    refuseNotEnabled(account, request.path);
    for (const [method, path, handler] of routes) {
      const match = method === request.method ? request.path.match(path) : null;
      if (match) return handler(request, ...match.slice(1));
    }
    throw new ApiError(404, NOT_EMULATED, `${request.method} ${request.path} is not emulated`);
  };
}

/** wrangler takes code 10007 for an account that has no subdomain yet (getWorkersDevSubdomainInternal in its cli.js). */
function describeAccountSubdomain({ enabled }: Account) {
  if (enabled.subdomain === null)
    throw new ApiError(404, 10007, 'There is no workers.dev subdomain associated with this account.');
  return { subdomain: enabled.subdomain };
}

/**
 * The codes are those of the issues https://github.com/cloudflare/workers-sdk/issues/2877 (R2) and 12438 (Queues). They show them for the
 * creation of a bucket and for an upload; that lists answer the same, and with which status, is assumed.
 */
function refuseNotEnabled({ enabled }: Account, path: string): void {
  if (path.startsWith('/r2/') && !enabled.r2)
    throw new ApiError(403, 10042, 'Please enable R2 through the Cloudflare Dashboard.');
  if (path.startsWith('/queues') && !enabled.queues)
    throw new ApiError(400, 11002, 'In order to use Queues, you must enable your account.');
}

function describeService(account: Account, name = '') {
  const worker = account.workers.get(name);
  if (!worker) throw new ApiError(404, 10090, 'This service does not exist.');
  const script = { id: name, tag: '0123456789abcdef', tags: worker.tags, last_deployed_from: 'wrangler' };
  return { id: name, default_environment: { environment: 'production', script } };
}

function describeWorker(worker: Worker) {
  return { id: worker.name, name: worker.name, subdomain: describeSubdomain(worker) };
}

function describeSubdomain({ workersDev, versionUrls }: Worker) {
  return { enabled: workersDev, previews_enabled: versionUrls };
}

/** A script that is put is a new version, deployed to everybody at once. */
async function putScript(account: Account, request: ApiRequest, name: string) {
  // https://github.com/cloudflare/workers-sdk/issues/9045
  if (account.enabled.subdomain === null)
    throw new ApiError(400, 10063, 'You need a workers.dev subdomain in order to proceed.');
  const worker = account.workers.get(name);
  const made = await readUpload(account, request, worker?.versions.at(-1));
  refuseConsumerWithoutHandler(account, name, made.handlers);
  const target = worker ?? account.createWorker(name);
  const version = account.addVersion(target, made);
  account.deploy(target, [{ version_id: version.id, percentage: 100 }], version.annotations['workers/message']);
  return { id: name, etag: '', startup_time_ms: 10, deployment_id: version.id.replaceAll('-', '') };
}

async function postVersion(account: Account, request: ApiRequest, name: string) {
  const worker = account.worker(name);
  const made = await readUpload(account, request, worker.versions.at(-1));
  refuseConsumerWithoutHandler(account, name, made.handlers);
  return describeVersion(account.addVersion(worker, made));
}

/** The latest version with other secrets, without traffic: for the next deployment. */
function patchLatestVersion(account: Account, { body }: ApiRequest, name = '') {
  const { env, annotations }: { env: Record<string, { text: string }>; annotations: Record<string, string> } =
    JSON.parse(body.toString());
  const changes = new Map(Object.entries(env).map(([key, { text }]) => [key, text]));
  return { id: account.addSecrets(account.worker(name), changes, annotations).id };
}

function postAssetManifest(account: Account, { body }: ApiRequest) {
  const { manifest }: { manifest: Manifest } = JSON.parse(body.toString());
  return account.assets.open(manifest);
}

async function postAssets(account: Account, request: ApiRequest) {
  const files = new Map<string, Buffer>();
  for (const [hash, file] of await readForm(request)) {
    files.set(hash, Buffer.from(typeof file === 'string' ? file : await file.text(), 'base64'));
  }
  return account.assets.put(request.token, files);
}

function readForm({ body, contentType }: ApiRequest) {
  return new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
}

/** Reads a multipart upload; `inherit` bindings and secrets come from the version before. */
async function readUpload(account: Account, request: ApiRequest, before: Version | undefined) {
  const form = await readForm(request);
  const metadata: {
    bindings?: { name: string; type: string; bucket_name?: string }[];
    annotations?: Record<string, string>;
    assets?: { jwt: string };
  } = JSON.parse(String(form.get('metadata')));
  const secrets = before?.secrets ?? new Map<string, string>();
  const bindings = metadata.bindings ?? [];
  const missing = bindings.find(({ type, name }) => type === 'inherit' && !secrets.has(name));
  if (missing) throw new ApiError(400, 10057, `inherit binding '${missing.name}' is invalid: it does not exist`);
  const absent = bindings.find(({ bucket_name }) => bucket_name !== undefined && !account.buckets.has(bucket_name));
  if (absent) throw new ApiError(400, 10085, `R2 bucket '${absent.bucket_name}' not found.`);
  const assets = metadata.assets ? account.assets.find(metadata.assets.jwt) : [];
  const handlers = await handlersIn(form);
  return { annotations: metadata.annotations ?? {}, secrets, bindings, handlers, bytes: request.body.length, assets };
}

/** Cloudflare runs the code to see what it exports; here, the exported methods are found by their names. */
async function handlersIn(form: FormData): Promise<string[]> {
  const modules = Array.from(form.values()).filter((part) => typeof part !== 'string');
  const code = (await Promise.all(modules.map((module) => module.text()))).join('\n');
  return ['fetch', 'queue', 'scheduled'].filter((name) => new RegExp(`\\b${name}\\s*\\(`).test(code));
}

const handlerMissing = () =>
  new ApiError(
    400,
    11001,
    'Queue handler is missing. Please see our docs for more information about creating handlers: https://developers.cloudflare.com/queues/configuration/javascript-apis/#consumer.',
  );

/** An upload to a Worker that consumes a queue must have a handler for it (https://github.com/alchemy-run/alchemy-async/pull/1382). */
function refuseConsumerWithoutHandler({ queues }: Account, worker: string, handlers: readonly string[]): void {
  const consumes = Array.from(queues.values()).some(({ consumers }) =>
    consumers.some(({ script }) => script === worker),
  );
  if (consumes && !handlers.includes('queue')) throw handlerMissing();
}

/**
 * A consumer needs a queue handler in the deployed code, when it is made and when it is changed
 * (https://github.com/alchemy-run/distilled/pull/273). No source says which version counts where two are deployed: here every version
 * that gets requests must have one.
 */
function checkQueueHandler(account: Account, script: string): void {
  const worker = account.worker(script);
  const serving = worker.deployments.at(-1)?.versions.filter(({ percentage }) => percentage > 0) ?? [];
  if (!serving.every(({ version_id }) => account.version(worker, version_id).handlers.includes('queue')))
    throw handlerMissing();
}

function describeVersion({ id, createdOn, annotations, bindings, handlers }: Version) {
  return {
    id,
    number: 1,
    annotations,
    metadata: {
      created_on: createdOn,
      modified_on: createdOn,
      source: 'wrangler',
      author_email: '',
      has_preview: false,
    },
    resources: { bindings, script: { etag: '', handlers }, script_runtime: {} },
    startup_time_ms: 10,
  };
}

function listVersions({ versions }: Worker) {
  return { items: versions.slice(-10).reverse().map(describeVersion) };
}

/** The ten latest, the latest first. */
function listDeployments({ deployments }: Worker) {
  return deployments
    .slice(-10)
    .reverse()
    .map(({ id, createdOn, message, versions }) => ({
      id,
      created_on: createdOn,
      source: 'wrangler',
      strategy: 'percentage',
      author_email: '',
      annotations: { 'workers/message': message },
      versions,
    }));
}

function postDeployment(account: Account, { body }: ApiRequest, name = '') {
  const wanted: {
    strategy: string;
    versions: { version_id: string; percentage: number }[];
    annotations?: Record<string, string>;
  } = JSON.parse(body.toString());
  if (wanted.strategy !== 'percentage') throw new ApiError(400, 10021, `unknown strategy ${wanted.strategy}`);
  return { id: account.deploy(account.worker(name), wanted.versions, wanted.annotations?.['workers/message']).id };
}

function listSecrets({ versions }: Worker) {
  return Array.from(versions.at(-1)?.secrets.keys() ?? [], (name) => ({ name, type: 'secret_text' }));
}

function putSecret(account: Account, { body }: ApiRequest, name: string) {
  const secret: { name: string; text: string } = JSON.parse(body.toString());
  account.setSecrets(account.worker(name), new Map([[secret.name, secret.text]]));
  return { name: secret.name, type: 'secret_text' };
}

function patchSecrets(account: Account, { body }: ApiRequest, name = '') {
  const { secrets }: { secrets: Record<string, { text: string }> } = JSON.parse(body.toString());
  const changes = new Map(Object.entries(secrets).map(([key, { text }]) => [key, text]));
  account.setSecrets(account.worker(name), changes);
  return {};
}

function patchSettings(account: Account, { body }: ApiRequest, name = '') {
  const worker = account.worker(name);
  const { tags, ...settings }: { tags?: string[] } = JSON.parse(body.toString());
  if (tags) worker.tags = tags;
  Object.assign(worker.settings, settings);
  return worker.settings;
}

/** Where nothing is said of version URLs, they follow workers.dev, as Cloudflare's documentation has it. */
function postSubdomain(account: Account, { body }: ApiRequest, name = '') {
  const worker = account.worker(name);
  const { enabled, previews_enabled: versionUrls = enabled }: { enabled: boolean; previews_enabled?: boolean } =
    JSON.parse(body.toString());
  Object.assign(worker, { workersDev: enabled, versionUrls });
  return describeSubdomain(worker);
}

function putSchedules(account: Account, { body }: ApiRequest, name = '') {
  const crons: { cron: string }[] = JSON.parse(body.toString());
  account.worker(name).schedules = crons.map(({ cron }) => cron);
  return { schedules: crons };
}

function listQueues({ queues }: Account, names: readonly string[]) {
  return Array.from(queues.values())
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map(({ id, name, consumers }) => ({
      queue_id: id,
      queue_name: name,
      created_on: '',
      modified_on: '',
      producers: [],
      producers_total_count: 0,
      consumers: consumers.map((it) => ({ ...it, consumer_id: it.id, type: 'worker' })),
      consumers_total_count: consumers.length,
    }));
}

function postQueue({ queues }: Account, { body }: ApiRequest) {
  const { queue_name: name }: { queue_name: string } = JSON.parse(body.toString());
  if (queues.has(name)) throw new ApiError(409, 11009, 'Queue name is already taken.');
  queues.set(name, { id: randomUUID().replaceAll('-', ''), name, consumers: [] });
  return { queue_name: name };
}

function findQueue({ queues }: Account, id: string | undefined) {
  const queue = Array.from(queues.values()).find((it) => it.id === id);
  if (!queue) throw new ApiError(404, 11000, 'Queue does not exist.');
  return queue;
}

function postConsumer(account: Account, { body }: ApiRequest, id: string | undefined) {
  const { script_name: script, settings }: { script_name: string; settings: unknown } = JSON.parse(body.toString());
  const queue = findQueue(account, id);
  checkQueueHandler(account, script);
  // One consumer a queue: https://github.com/cloudflare/workers-sdk/issues/5347
  if (queue.consumers.length > 0) throw new ApiError(400, 11004, 'workers.api.error.consumer_exists');
  queue.consumers.push({ id: randomUUID(), script, settings });
  return {};
}

function putConsumer(account: Account, { body }: ApiRequest, id: string | undefined, consumerId: string | undefined) {
  const { settings }: { settings: unknown } = JSON.parse(body.toString());
  const consumer = findQueue(account, id).consumers.find((it) => it.id === consumerId);
  // No source says what Cloudflare answers where the consumer is not there.
  if (!consumer)
    throw new ApiError(404, NOT_EMULATED, `a change of the missing consumer ${consumerId} is not emulated`);
  checkQueueHandler(account, consumer.script);
  consumer.settings = settings;
  return {};
}

function postBucket({ buckets }: Account, { body }: ApiRequest) {
  const { name }: { name: string } = JSON.parse(body.toString());
  if (buckets.has(name)) throw new ApiError(409, 10004, 'The bucket you tried to create already exists.');
  buckets.add(name);
  return { name };
}
