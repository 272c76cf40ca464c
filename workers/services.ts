import { waitUntil } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { parseEnv } from './env.ts';
import { ActiveModel } from './inference/active-model.ts';
import { loadModel } from './inference/load-model.ts';
import type { ModelStore, PredictionLog, RateLimiter } from './ports.ts';
import { connect } from './store/database.ts';
import { createPredictionLog } from './store/prediction-log.ts';

export type Services = {
  /** Which upload of this Worker answers. */
  workerVersion: { id: string; tag: string };
  predictLimit: RateLimiter;
  models: ModelStore;
  /** Null in an environment that records nothing. */
  predictionLog: PredictionLog | null;
  now(): Date;
  newId(): string;
};

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
  const { models, modelRefreshMs, predictLimit, workerVersion, recording } = parseEnv(env);
  return {
    workerVersion,
    predictLimit,
    models: new ActiveModel({
      load: (current) => loadModel(models, current),
      refreshMs: modelRefreshMs,
      now: Date.now,
      keepAlive: waitUntil,
    }),
    predictionLog: recording && createPredictionLog(recording.queue, connect(recording.databaseUrl)),
    now: () => new Date(),
    newId: () => uuidv7(),
  };
}
