import { UserError } from '../cli.ts';
import { openLocalStore } from '../local/local-store.ts';
import { readEnvironmentConfig } from '../wrangler-config.ts';
import { type Binding, noSuchBinding, type ObjectStore } from './object-store.ts';
import { openRemoteStore } from './remote-store.ts';

export const ENVIRONMENTS = ['model', 'dev', 'prod'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

export type StoreOptions = { remote: boolean; data: string };

/** The options that every command about stored models shares, for parseArgs. */
export const storeOptions = {
  remote: { type: 'boolean', default: false },
  data: { type: 'string', default: '.local' },
} as const;

export const STORE_HELP = `  --remote         work on R2 at Cloudflare; without it, on the local R2 that npm start serves
  --data DIR       where the local R2 lives (default .local)`;

export const REMOTE_HELP = `With --remote the credentials of an R2 API token come from the environment: R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY and
CLOUDFLARE_ACCOUNT_ID (or R2_ENDPOINT, for a jurisdiction's own endpoint). Each may end with _MODEL, _DEV or _PROD, for one environment:
where prod has an account of its own.`;

/** Opens a bucket of an environment, by default the bucket of its models. */
async function openStore(
  environment: Environment,
  { remote, data }: StoreOptions,
  binding: Binding = 'MODELS',
): Promise<ObjectStore> {
  if (!remote) return openLocalStore(environment, data, binding);
  const bucket = bucketName(environment, binding);
  return openRemoteStore(bucket, {
    endpoint:
      settingOf(environment, 'R2_ENDPOINT') ||
      `https://${required(environment, 'CLOUDFLARE_ACCOUNT_ID')}.r2.cloudflarestorage.com`,
    accessKeyId: required(environment, 'R2_ACCESS_KEY_ID'),
    secretAccessKey: required(environment, 'R2_SECRET_ACCESS_KEY'),
  });
}

/** Runs `work` with a bucket of an environment, and closes the bucket also after an error. */
export async function withStore<T>(
  environment: Environment,
  options: StoreOptions,
  work: (store: ObjectStore) => Promise<T>,
  binding?: Binding,
): Promise<T> {
  const store = await openStore(environment, options, binding);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

export function parseEnvironment(value: string | undefined, option = '--env'): Environment {
  const environment = ENVIRONMENTS.find((name) => name === value);
  if (!environment)
    throw new UserError(`${option} must be one of ${ENVIRONMENTS.join(', ')}, not "${value ?? ''}".`, 2);
  return environment;
}

function bucketName(environment: Environment, binding: Binding): string {
  const bucket = readEnvironmentConfig(environment).r2_buckets.find((it) => it.binding === binding);
  if (!bucket?.bucket_name) throw noSuchBinding(environment, binding);
  return bucket.bucket_name;
}

/** A promotion works in two environments, which may be in two accounts: the setting of the one is asked for first. */
function settingOf(environment: Environment, name: string): string | undefined {
  return process.env[`${name}_${environment.toUpperCase()}`] || process.env[name];
}

function required(environment: Environment, name: string): string {
  const value = settingOf(environment, name);
  if (!value) throw new UserError(`${name} is not set: --remote needs it.`);
  return value;
}
