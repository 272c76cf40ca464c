import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createApp } from '../app.ts';
import { type Send, withKey } from './api.ts';

/** Bindings to put over the configured ones; `undefined` takes one away. */
export type Bindings = Partial<Record<keyof Env, unknown>>;

/** The bindings of an environment that predicts without recording. */
export const WITHOUT_RECORDING = { PREDICTIONS: undefined, DATABASE_URL: undefined, DEAD_LETTERS: undefined };

export function changeEnv(bindings: Bindings): Env {
  return Object.fromEntries(Object.entries({ ...env, ...bindings }).filter(([, value]) => value !== undefined)) as Env;
}

/**
 * A worker that has loaded nothing yet, as in a new isolate, with bindings of the test's choice. Requests get a key as those
 * of `send` do.
 */
export function newIsolate(bindings: Bindings = {}): Send {
  const app = createApp();
  const changed = changeEnv(bindings);
  return async (request) => {
    const context = createExecutionContext();
    const response = await app.fetch(withKey(request), changed, context);
    await waitOnExecutionContext(context);
    return response;
  };
}
