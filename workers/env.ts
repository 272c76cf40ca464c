import * as z from 'zod';
import { PageLevel } from '../common/api/answers.ts';
import { type ApiKey, ApiKeys } from '../common/api/api-key.ts';
import type { Scope } from '../common/api/scope.ts';
import { publicWorkerId } from '../common/api/worker-id.ts';
import { type SigningKey, SigningKeys } from '../common/contract/signature.ts';
import { ProblemError } from './errors.ts';

const List = z.string().transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''));

/** `*`, or an origin spelled as browsers spell it in the header Origin. Another spelling would never match. */
const Origin = z
  .string()
  .refine(
    (text) => text === '*' || isOrigin(text),
    'must be * or an origin as browsers send it, like https://hr.example',
  );

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

const Bindings = z.object({
  /** Seconds after which an isolate asks R2 whether another model version was activated. */
  MODEL_REFRESH_SECONDS: z.number().int().min(1).max(3600),
  /** The public keys of those who may publish a version that serves here. Without one, no signature is asked for. */
  MODEL_SIGNING_KEYS: SigningKeys.default([]),
  /** Scopes that need no key. No other one can be public: it would open what is recorded of people to everybody. */
  PUBLIC_SCOPES: List.pipe(
    z.array(z.literal('predict', 'may hold "predict" alone: the other scopes need a key')),
  ).default([]),
  /** The origins whose pages may call this API from a browser. */
  CORS_ORIGINS: List.pipe(z.array(Origin)).default([]),
  BATCH_MAX_ROWS: z.number().int().min(1).default(100_000),
  BATCH_MAX_BYTES: z
    .number()
    .int()
    .min(1)
    .default(64 * 1024 * 1024),
  /** Days after which a prediction is erased; absent where they are kept for ever. */
  RETENTION_DAYS: z.number().int().min(1).optional(),
  /** Whether an answer waits until the record of the prediction is accepted, and says so. */
  AWAIT_RECORDING: z.boolean().default(true),
  /** How much the page shows where predictions are recorded. */
  PAGE_LEVEL: PageLevel.default('production'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  API_KEYS: z.string().default('[]').transform(parseJson).pipe(ApiKeys),
});

/** The checked settings of a Worker. Only `services.ts` reads them, and nothing below it reads `Env`. */
export type Settings = {
  models: R2Bucket;
  modelRefreshMs: number;
  /** Empty where no signature is asked for. */
  signingKeys: readonly SigningKey[];
  /** How often a caller may send any request, and how often batches and exports. */
  requestLimit: RateLimit;
  batchLimit: RateLimit;
  /** `id` is the public part of the version's id. */
  workerVersion: { id: string; tag: string };
  apiKeys: readonly ApiKey[];
  publicScopes: readonly Scope[];
  corsOrigins: readonly string[];
  batch: { maxRows: number; maxBytes: number };
  /** How much the page shows where predictions are recorded. */
  pageLevel: PageLevel;
  /** Null where requests are not counted for analysis. */
  analytics: AnalyticsEngineDataset | null;
  /** Where predictions are recorded; null in an environment that records nothing. */
  recording: Recording | null;
};

export type Recording = {
  queue: Queue;
  databaseUrl: string;
  deadLetters: R2Bucket;
  /** Null where predictions are kept for ever. */
  retentionDays: number | null;
  /** Whether an answer waits until the record of the prediction is accepted. */
  isAwaited: boolean;
};

/** Checks the bindings. Throws `misconfigured`, whose cause names each variable at fault, and never its value. */
export function parseEnv(env: Env): Settings {
  const parsed = Bindings.safeParse(env);
  if (!parsed.success) throw misconfigured(z.prettifyError(parsed.error));
  const { data } = parsed;
  const workerVersion = bound(env.WORKER_VERSION, 'version metadata WORKER_VERSION');
  return {
    models: bound(env.MODELS, 'R2 bucket MODELS'),
    modelRefreshMs: data.MODEL_REFRESH_SECONDS * 1000,
    signingKeys: data.MODEL_SIGNING_KEYS,
    requestLimit: bound(env.REQUEST_LIMIT, 'rate limit REQUEST_LIMIT'),
    batchLimit: bound(env.BATCH_LIMIT, 'rate limit BATCH_LIMIT'),
    workerVersion: { id: publicWorkerId(workerVersion.id), tag: workerVersion.tag },
    apiKeys: data.API_KEYS,
    publicScopes: data.PUBLIC_SCOPES,
    corsOrigins: data.CORS_ORIGINS,
    batch: { maxRows: data.BATCH_MAX_ROWS, maxBytes: data.BATCH_MAX_BYTES },
    pageLevel: data.PAGE_LEVEL,
    analytics: env.REQUESTS ?? null,
    recording: recordingOf(env, data),
  };
}

function bound<T>(binding: T | undefined, name: string): T {
  if (binding === undefined) throw misconfigured(`The ${name} is not bound.`);
  return binding;
}

function recordingOf(
  { PREDICTIONS, DEAD_LETTERS }: Env,
  { DATABASE_URL: databaseUrl, RETENTION_DAYS, AWAIT_RECORDING }: z.infer<typeof Bindings>,
): Recording | null {
  if (PREDICTIONS && DEAD_LETTERS && databaseUrl !== undefined) {
    return {
      queue: PREDICTIONS,
      databaseUrl,
      deadLetters: DEAD_LETTERS,
      retentionDays: RETENTION_DAYS ?? null,
      isAwaited: AWAIT_RECORDING,
    };
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

/** Undefined where the text is not JSON. No schema here accepts that, and no part of the text reaches the log. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function misconfigured(cause: string): ProblemError {
  return new ProblemError('misconfigured', { cause: new Error(cause) });
}
