import { waitUntil } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import type { PageLevel } from '../common/api/answers.ts';
import type { ApiKey } from '../common/api/api-key.ts';
import type { Scope } from '../common/api/scope.ts';
import { parseEnv, type Recording, type Settings } from './env.ts';
import { ActiveModel } from './inference/active-model.ts';
import { loadModel, loadStoredVersion, readStoredLabels } from './inference/load-model.ts';
import { createModelStore } from './inference/model-store.ts';
import { StoredVersions } from './inference/stored-versions.ts';
import { logEvent } from './log.ts';
import type { ModelStore, RateLimiter, Records } from './ports.ts';
import { createBacklog } from './store/backlog.ts';
import { connect, type Database } from './store/database.ts';
import { deadLettersInBucket } from './store/dead-letter-bucket.ts';
import type { DeadLetterStore } from './store/dead-letters.ts';
import { createHistory } from './store/history.ts';
import { createIdempotencyKeys } from './store/idempotency-keys.ts';
import { createPing } from './store/ping.ts';
import { createPredictionLog } from './store/prediction-log.ts';

/** All that the routes use. */
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
  records: Records | null;
  now(): Date;
  newId(): string;
};

/** All that the queues' consumers and the cron use. */
export type Jobs = {
  queue: { metrics(): Promise<{ backlogCount: number }> };
  database: () => Database;
  deadLetters: DeadLetterStore;
  /** Null where predictions are kept for ever. */
  retentionDays: number | null;
  now(): Date;
  newId(): string;
};

/** How long an answer may wait for the database while the queue does not work. */
const STORE_TIMEOUT_MS = 5000;

const settingsByEnv = new WeakMap<Env, Settings>();
const servicesByEnv = new WeakMap<Env, Services>();

const now = () => new Date();
const newId = () => uuidv7();

/** The services of this isolate, made on first use. Throws `misconfigured` until the bindings are right. */
export function servicesOf(env: Env): Services {
  const known = servicesByEnv.get(env);
  if (known) return known;
  const services = createServices(settingsOf(env));
  servicesByEnv.set(env, services);
  return services;
}

/** The jobs of this environment. Throws `misconfigured` until the bindings are right, and an error where nothing is recorded. */
export function jobsOf(env: Env): Jobs {
  const { recording } = settingsOf(env);
  if (!recording) throw new Error('this environment has a queue or a cron, but records nothing');
  const { queue, databaseUrl, deadLetters, retentionDays } = recording;
  return {
    queue,
    database: connect(databaseUrl),
    deadLetters: deadLettersInBucket(deadLetters),
    retentionDays,
    now,
    newId,
  };
}

/** The dead letters of an environment whose other settings may be wrong. Null where their bucket is not bound. */
export function deadLettersOf({ DEAD_LETTERS }: Env): DeadLetterStore | null {
  return DEAD_LETTERS ? deadLettersInBucket(DEAD_LETTERS) : null;
}

function settingsOf(env: Env): Settings {
  const known = settingsByEnv.get(env);
  if (known) return known;
  const settings = parseEnv(env);
  settingsByEnv.set(env, settings);
  return settings;
}

function createServices({ models, modelRefreshMs, signingKeys, recording, ...settings }: Settings): Services {
  if (signingKeys.length === 0)
    logEvent('info', 'model signatures not checked', { cause: 'MODEL_SIGNING_KEYS names no key' });
  return {
    ...settings,
    models: createModelStore({
      active: new ActiveModel({
        load: (current) => loadModel(models, current, settings.workerVersion.id, signingKeys),
        refreshMs: modelRefreshMs,
        now: Date.now,
        keepAlive: waitUntil,
      }),
      stored: new StoredVersions({
        load: (id) => loadStoredVersion(models, id, signingKeys),
        now: Date.now,
        keepAlive: waitUntil,
      }),
      readLabels: (id) => readStoredLabels(models, id),
    }),
    records: recording && createRecords(recording),
    now,
    newId,
  };
}

function createRecords({ queue, databaseUrl, deadLetters: bucket, isAwaited }: Recording): Records {
  const database = connect(databaseUrl);
  const deadLetters = deadLettersInBucket(bucket);
  return {
    log: createPredictionLog({
      queue,
      database: connect(databaseUrl, STORE_TIMEOUT_MS),
      deadLetters,
      now,
      newId,
      inBackground: isAwaited ? null : waitUntil,
    }),
    backlog: createBacklog({ queue, deadLetters }, { now: Date.now, keepAlive: waitUntil }),
    history: {
      ...createHistory(database, { now, newId }),
      ping: createPing({ database, now: Date.now, keepAlive: waitUntil }),
    },
    idempotencyKeys: createIdempotencyKeys(database),
  };
}
