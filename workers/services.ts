import { waitUntil } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import type { PageLevel } from '../common/api/answers.ts';
import type { ApiKey } from '../common/api/api-key.ts';
import type { Scope } from '../common/api/scope.ts';
import { parseEnv } from './env.ts';
import { ActiveModel } from './inference/active-model.ts';
import { listStoredVersions, loadModel, loadStoredVersion, readStoredLabels } from './inference/load-model.ts';
import { createModelStore } from './inference/models.ts';
import { StoredVersions } from './inference/stored-versions.ts';
import type { Backlog, History, IdempotencyKeys, ModelStore, PredictionLog, RateLimiter } from './ports.ts';
import { createBacklog } from './store/backlog.ts';
import { connect } from './store/database.ts';
import { createHistory } from './store/history.ts';
import { createIdempotencyKeys } from './store/idempotency-keys.ts';
import { letterBoxOf } from './store/letter-bucket.ts';
import { createPing } from './store/ping.ts';
import { createPredictionLog } from './store/prediction-log.ts';

export type Services = {
  /** Which upload of this Worker answers. */
  workerVersion: { id: string; tag: string };
  apiKeys: readonly ApiKey[];
  /** What callers without an API key may do. */
  publicScopes: readonly Scope[];
  corsOrigins: readonly string[];
  requestLimit: RateLimiter;
  batchLimit: RateLimiter;
  batch: { maxRows: number; maxBytes: number };
  /** How much the page shows where predictions are recorded. */
  pageLevel: PageLevel;
  analytics: AnalyticsEngineDataset | null;
  models: ModelStore;
  /** Null in an environment that records nothing. */
  records: { log: PredictionLog; backlog: Backlog; history: History; idempotencyKeys: IdempotencyKeys } | null;
  now(): Date;
  newId(): string;
};

/** How long an answer may wait for the database, where the queue is not to be had. */
const STORE_TIMEOUT_MS = 5000;

const servicesByEnv = new WeakMap<Env, Services>();

/** The services of this isolate, made on first use. Throws `misconfigured` until the bindings are right. */
export function servicesOf(env: Env): Services {
  const known = servicesByEnv.get(env);
  if (known) return known;
  const services = createServices(env);
  servicesByEnv.set(env, services);
  return services;
}

function createServices(env: Env): Services {
  const { models, modelRefreshMs, recording, ...settings } = parseEnv(env);
  const now = () => new Date();
  const database = recording && connect(recording.databaseUrl);
  const letters = recording && letterBoxOf(recording.deadLetters);
  return {
    ...settings,
    models: createModelStore({
      active: new ActiveModel({
        load: (current) => loadModel(models, current, settings.workerVersion.id),
        refreshMs: modelRefreshMs,
        now: Date.now,
        keepAlive: waitUntil,
      }),
      stored: new StoredVersions({ load: (id) => loadStoredVersion(models, id), now: Date.now, keepAlive: waitUntil }),
      readLabels: (id) => readStoredLabels(models, id),
      list: (name) => listStoredVersions(models, name),
    }),
    records: recording &&
      database &&
      letters && {
        log: createPredictionLog({
          queue: recording.queue,
          database: connect(recording.databaseUrl, STORE_TIMEOUT_MS),
          spool: letters,
          now,
          newId: uuidv7,
          inBackground: recording.isAwaited ? null : waitUntil,
        }),
        backlog: createBacklog({ queue: recording.queue, letters }, { now: Date.now, keepAlive: waitUntil }),
        history: {
          ...createHistory(database, { now, newId: uuidv7 }),
          ping: createPing({ database, now: Date.now, keepAlive: waitUntil }),
        },
        idempotencyKeys: createIdempotencyKeys(database),
      },
    now,
    newId: () => uuidv7(),
  };
}
