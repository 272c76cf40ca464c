import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import * as z from 'zod';
import type { Build, Module } from './worker-build.ts';

/** What stands in for the platform around `workerd serve`, by port: see servers/platform.ts. */
export type Platform = { storagePort: number; queuePort: number; databaseUrl: string };

/** What is used here of wrangler.toml. */
const Config = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  vars: z.record(z.string(), z.json()),
  r2_buckets: z.array(z.object({ binding: z.string() })),
  queues: z.object({
    producers: z.array(z.object({ queue: z.string() })).default([]),
    consumers: z
      .array(z.object({ queue: z.string(), max_batch_size: z.number(), max_batch_timeout: z.number() }))
      .default([]),
  }),
});

function readConfig(environment: string): z.infer<typeof Config> {
  return Config.parse(unstable_readConfig({ config: 'wrangler.toml', env: environment }));
}

const { compatibility_date: COMPATIBILITY_DATE, compatibility_flags: COMPATIBILITY_FLAGS } = readConfig('model');

/** The sockets' names; `deliver` is there where a queue is. */
type SocketName = 'http' | 'deliver';

/** Writes the configuration of a build that needs no bindings. Resolves to its path. */
export function configurePlain(build: Build): Promise<string> {
  return writeConfig(build, 'plain', { services: [], sockets: [], bindings: [], worker: [] });
}

/**
 * Writes the configuration of our Worker with the bindings and variables that wrangler.toml gives the environment. workerd has no
 * simulator of rate limits, and miniflare's costs more than a prediction: here they count in memory and let everybody in.
 * `overrides` replaces or adds variables. Nothing is bound for analytics.
 */
export async function configureWorker(
  build: Build,
  environment: string,
  { storagePort, ...recording }: Pick<Platform, 'storagePort'> & Partial<Platform>,
  overrides: Record<string, unknown> = {},
): Promise<string> {
  const { vars, r2_buckets } = readConfig(environment);
  const { queuePort, databaseUrl } = recording;
  const variables = { ...vars, ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }), ...overrides };
  return writeConfig(build, environment, {
    services: [
      http('storage', storagePort),
      `(name = "internet", network = (allow = ["local"]))`,
      ...(queuePort === undefined ? [] : [http('queue', queuePort), `(name = "deliver", worker = .deliver)`]),
    ],
    sockets: queuePort === undefined ? [] : [socket('deliver', 'deliver')],
    bindings: [
      ...r2_buckets.map(({ binding }) => `(name = "${binding}", r2Bucket = "storage")`),
      ...(queuePort === undefined ? [] : [`(name = "PREDICTIONS", queue = "queue")`]),
      ...['REQUEST_LIMIT', 'BATCH_LIMIT'].map(
        (name) => `(name = "${name}", wrapped = (moduleName = "bench:rate-limit"))`,
      ),
      json('WORKER_VERSION', { id: 'bench', tag: '', timestamp: '' }),
      ...Object.entries(variables).map(([name, value]) =>
        typeof value === 'string' ? `(name = "${name}", text = ${quoted(value)})` : json(name, value),
      ),
    ],
    worker: ['cacheApiOutbound = "storage"'],
  });
}

/** How our queue's consumer is set up in wrangler.toml. */
export function consumerOf(environment: string): { queue: string; maxBatchSize: number; maxBatchTimeoutMs: number } {
  const { producers, consumers } = readConfig(environment).queues;
  const consumer = consumers.find(({ queue }) => producers.some((producer) => producer.queue === queue));
  if (!consumer) throw new Error(`wrangler.toml has no consumer in ${environment}`);
  const { queue, max_batch_size: maxBatchSize, max_batch_timeout: maxBatchTimeout } = consumer;
  return { queue, maxBatchSize, maxBatchTimeoutMs: maxBatchTimeout * 1000 };
}

type Parts = { services: string[]; sockets: string[]; bindings: string[]; worker: string[] };

/** Counts as the platform's own binding does, which keeps its counters in the machine's memory. */
const RATE_LIMIT = `
const counts = new Map();
export default () => ({
  async limit({ key }) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return { success: true };
  },
});`;

/** Hands messages that the queue's stand-in sends as HTTP to the Worker's queue handler, and answers what became of them. */
const DELIVER = `
export default {
  async fetch(request, env) {
    const { queue, messages } = await request.json();
    const now = new Date();
    const delivered = messages.map((body, i) => ({ id: String(i), timestamp: now, attempts: 1, body }));
    return Response.json(await env.MAIN.queue(queue, delivered));
  },
};`;

async function writeConfig(
  build: Build,
  name: string,
  { services, sockets, bindings, worker }: Parts,
): Promise<string> {
  const path = join(build.directory, `${name}.capnp`);
  await writeFile(
    path,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = ${list([`(name = "main", worker = .main)`, ...services])},
  sockets = ${list([socket('http', 'main'), ...sockets])},
  extensions = [(modules = [(name = "bench:rate-limit", internal = true, esModule = ${quoted(RATE_LIMIT)})])],
);
const main :Workerd.Worker = (
  modules = ${list(build.modules.map(moduleOf))},
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ${list(COMPATIBILITY_FLAGS.map(quoted))},
  bindings = ${list(bindings)},
  ${worker.join(',\n  ')}
);
const deliver :Workerd.Worker = (
  modules = [(name = "deliver.js", esModule = ${quoted(DELIVER)})],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ["service_binding_extra_handlers"],
  bindings = [(name = "MAIN", service = "main")],
);
`,
  );
  return path;
}

function list(items: readonly string[]): string {
  return `[${items.map((item) => `\n    ${item},`).join('')}\n  ]`;
}

function socket(name: SocketName, service: string): string {
  return `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${service}")`;
}

function http(name: string, port: number): string {
  return `(name = "${name}", external = (address = "127.0.0.1:${port}", http = ()))`;
}

function json(name: string, value: unknown): string {
  return `(name = "${name}", json = ${quoted(JSON.stringify(value))})`;
}

/** Cap'n Proto's strings escape as JSON's do, for what occurs here. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function moduleOf({ name, type }: Module): string {
  const kind = { ESModule: 'esModule', CompiledWasm: 'wasm', Data: 'data' }[type];
  return `(name = "${name}", ${kind} = embed "${name}")`;
}
