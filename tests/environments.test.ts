import { describe, expect, it } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import * as z from 'zod';
import { isDeadLetterQueue } from '../common/history/dead-letter-queue.ts';

const Named = z.array(z.looseObject({ binding: z.string() }));
const Config = z.object({
  name: z.string(),
  r2_buckets: z.array(z.object({ binding: z.string(), bucket_name: z.string() })),
  queues: z.object({
    producers: z.array(z.looseObject({ binding: z.string(), queue: z.string() })),
    consumers: z.array(z.looseObject({ queue: z.string(), dead_letter_queue: z.string().optional() })),
  }),
  ratelimits: z.array(z.looseObject({ name: z.string(), namespace_id: z.string() })),
  analytics_engine_datasets: z.array(z.looseObject({ binding: z.string(), dataset: z.string() })),
  version_metadata: z.looseObject({ binding: z.string() }),
  vars: z.record(z.string(), z.unknown()),
  secrets: z.object({ required: z.array(z.string()) }).optional(),
  triggers: z.looseObject({ crons: z.array(z.string()).optional() }),
  workers_dev: z.boolean().optional(),
  preview_urls: z.boolean().optional(),
  routes: z.array(z.unknown()).optional(),
  observability: z.looseObject({ enabled: z.boolean() }),
  assets: z.looseObject({}).optional(),
  build: z.looseObject({ command: z.string().optional() }),
  kv_namespaces: Named,
  d1_databases: Named,
});

function read(environment: string) {
  return Config.parse(unstable_readConfig({ config: 'wrangler.toml', env: environment }));
}

const config = { model: read('model'), dev: read('dev'), prod: read('prod') };
const bindings = (environment: keyof typeof config) => ({
  buckets: config[environment].r2_buckets.map(({ binding }) => binding),
  producers: config[environment].queues.producers.map(({ binding }) => binding),
  secrets: config[environment].secrets?.required ?? [],
  limits: config[environment].ratelimits.map(({ name }) => name),
  version: config[environment].version_metadata.binding,
  datasets: config[environment].analytics_engine_datasets.map(({ binding }) => binding),
  crons: (config[environment].triggers.crons ?? []).length,
  vars: Object.keys(config[environment].vars),
});

const EVERYWHERE = { limits: ['REQUEST_LIMIT', 'BATCH_LIMIT'], version: 'WORKER_VERSION' };
const VARS = [
  'MODEL_REFRESH_SECONDS',
  'MODEL_SIGNING_KEYS',
  'PUBLIC_SCOPES',
  'CORS_ORIGINS',
  'BATCH_MAX_ROWS',
  'BATCH_MAX_BYTES',
];
const PREDICTS = { buckets: ['MODELS'], producers: [], secrets: [], datasets: [], crons: 0, vars: VARS };
const RECORDS = {
  buckets: ['MODELS', 'DEAD_LETTERS'],
  producers: ['PREDICTIONS'],
  secrets: ['DATABASE_URL', 'API_KEYS'],
  datasets: ['REQUESTS'],
  crons: 1,
  vars: [...VARS, 'RETENTION_DAYS', 'PAGE_LEVEL', 'AWAIT_RECORDING'],
};

describe('wrangler.toml', () => {
  it('lets model predict, and record nothing', () => {
    expect(bindings('model')).toEqual({ ...EVERYWHERE, ...PREDICTS });
    expect(config.model.queues.consumers).toEqual([]);
  });

  it.each(['dev', 'prod'] as const)('lets %s do everything', (environment) => {
    expect(bindings(environment)).toEqual({ ...EVERYWHERE, ...RECORDS });
  });

  it.each(['dev', 'prod'] as const)('has the dead letters of %s consumed', (environment) => {
    const { producers, consumers } = config[environment].queues;
    const [queue, dead] = consumers;
    expect(consumers).toHaveLength(2);
    expect(queue?.queue).toBe(producers[0]?.queue);
    expect(dead?.queue).toBe(queue?.dead_letter_queue);
    expect(consumers.map((it) => isDeadLetterQueue(it.queue))).toEqual([false, true]);
  });

  it('lets nobody do anything without a key, but predict in model', () => {
    const open = Object.values(config).map(({ vars }) => [vars['PUBLIC_SCOPES'], vars['CORS_ORIGINS']]);
    expect(open).toEqual([
      ['predict', '*'],
      ['', ''],
      ['', ''],
    ]);
  });

  it('gives no version an address of its own', () => {
    expect(Object.values(config).map(({ preview_urls }) => preview_urls)).toEqual([false, false, false]);
  });

  it('leaves workers.dev where an environment has a domain of its own, whose rules do not cover workers.dev', () => {
    for (const { routes = [], workers_dev } of Object.values(config)) expect(workers_dev).toBe(routes.length === 0);
  });

  it('shares nothing between environments', () => {
    const owned = Object.values(config).flatMap((it) => [
      it.name,
      ...it.r2_buckets.map(({ bucket_name }) => bucket_name),
      ...it.queues.consumers.map(({ queue }) => queue),
      ...it.ratelimits.map(({ namespace_id }) => namespace_id),
      ...it.analytics_engine_datasets.map(({ dataset }) => dataset),
    ]);
    expect(new Set(owned).size).toBe(owned.length);
  });

  it('has every environment observed', () => {
    for (const { observability } of Object.values(config)) expect(observability.enabled).toBe(true);
  });

  it('has every environment serve the page /docs, built when the Worker is, and answer everything else itself', () => {
    for (const { assets, build } of Object.values(config)) {
      expect(assets).toEqual({ directory: 'dist/assets' });
      expect(build.command).toBe('node scripts/build/build-runtime.ts && node scripts/build/build-assets.ts');
    }
  });
});
