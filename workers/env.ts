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
  /** Where predictions are recorded; null in an environment that records nothing. */
  recording: { queue: Queue; databaseUrl: string } | null;
};

/** Checks the bindings; throws `misconfigured`, naming each variable at fault (never its value). */
export function parseEnv(env: Env): Settings {
  const parsed = Bindings.safeParse(env);
  if (!parsed.success) throw misconfigured(z.prettifyError(parsed.error));
  const { MODEL_REFRESH_SECONDS, DATABASE_URL } = parsed.data;
  if ((env.PREDICTIONS === undefined) !== (DATABASE_URL === undefined)) {
    const [present, absent] = env.PREDICTIONS
      ? ['queue PREDICTIONS', 'secret DATABASE_URL']
      : ['secret DATABASE_URL', 'queue PREDICTIONS'];
    throw misconfigured(`The ${present} is set without the ${absent}: set both, or neither.`);
  }
  if (!env.MODELS) throw misconfigured('The R2 bucket MODELS is not bound.');
  return {
    models: env.MODELS,
    modelRefreshMs: MODEL_REFRESH_SECONDS * 1000,
    recording:
      env.PREDICTIONS && DATABASE_URL !== undefined ? { queue: env.PREDICTIONS, databaseUrl: DATABASE_URL } : null,
  };
}

function misconfigured(cause: string): ProblemError {
  return new ProblemError('misconfigured', { cause: new Error(cause) });
}
