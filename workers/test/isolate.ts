import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createApp } from '../app.ts';
import type { Send } from './api.ts';

/** The bindings of an environment that predicts without recording. */
export const WITHOUT_RECORDING = { PREDICTIONS: undefined, DATABASE_URL: undefined, DEAD_LETTERS: undefined };

/**
 * A worker that has loaded nothing yet, as in a new isolate, with bindings of the test's choice over the configured ones.
 * `undefined` takes a binding away.
 */
export function newIsolate(bindings: Partial<Record<keyof Env, unknown>> = {}): Send {
  const app = createApp();
  const changed = Object.fromEntries(
    Object.entries({ ...env, ...bindings }).filter(([, value]) => value !== undefined),
  ) as Env;
  return async (request) => {
    const context = createExecutionContext();
    const response = await app.fetch(request, changed, context);
    await waitOnExecutionContext(context);
    return response;
  };
}
