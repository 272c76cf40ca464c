import { z } from 'zod';
import { ProblemError } from './errors.ts';

const Bindings = z.object({
  /** Seconds after which an isolate asks R2 whether another model version was activated. */
  MODEL_REFRESH_SECONDS: z.number().int().min(1).max(3600),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
});

/** What a Worker needs, checked: nothing below the services reads `Env`. */
export type Settings = {
  models: R2Bucket;
  modelRefreshMs: number;
  predictLimit: RateLimit;
  workerVersion: { id: string; tag: string };
  /** Where predictions are recorded; null in an environment that records nothing. */
  recording: Recording | null;
};

export type Recording = { queue: Queue; databaseUrl: string; deadLetters: R2Bucket };

/** Checks the bindings; throws `misconfigured`, naming each variable at fault (never its value). */
export function parseEnv(env: Env): Settings {
  const parsed = Bindings.safeParse(env);
  if (!parsed.success) throw misconfigured(z.prettifyError(parsed.error));
  const { MODELS, PREDICT_LIMIT, WORKER_VERSION } = env;
  if (!MODELS) throw misconfigured('The R2 bucket MODELS is not bound.');
  if (!PREDICT_LIMIT) throw misconfigured('The rate limit PREDICT_LIMIT is not bound.');
  if (!WORKER_VERSION) throw misconfigured('The version metadata WORKER_VERSION is not bound.');
  return {
    models: MODELS,
    modelRefreshMs: parsed.data.MODEL_REFRESH_SECONDS * 1000,
    predictLimit: PREDICT_LIMIT,
    workerVersion: { id: WORKER_VERSION.id, tag: WORKER_VERSION.tag },
    recording: recordingOf(env, parsed.data.DATABASE_URL),
  };
}

function recordingOf({ PREDICTIONS, DEAD_LETTERS }: Env, databaseUrl: string | undefined): Recording | null {
  if (PREDICTIONS && DEAD_LETTERS && databaseUrl !== undefined) {
    return { queue: PREDICTIONS, databaseUrl, deadLetters: DEAD_LETTERS };
  }
  const parts = {
    'queue PREDICTIONS': PREDICTIONS,
    'bucket DEAD_LETTERS': DEAD_LETTERS,
    'secret DATABASE_URL': databaseUrl,
  };
  const missing = Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [name] : []));
  if (missing.length === Object.keys(parts).length) return null;
  throw misconfigured(
    `Recording lacks the ${missing.join(' and the ')}: set the queue, the bucket and the secret, or none.`,
  );
}

function misconfigured(cause: string): ProblemError {
  return new ProblemError('misconfigured', { cause: new Error(cause) });
}
