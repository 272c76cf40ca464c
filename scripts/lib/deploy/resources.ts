import { UserError } from '../cli.ts';
import type { Environment } from '../model/open-store.ts';
import { readEnvironmentConfig } from '../wrangler-config.ts';
import { WranglerError, wrangler } from './wrangler.ts';

/** Cloudflare's codes for a name that is taken already: R2's and Queues'. */
const TAKEN_CODES = [10004, 11009];
/** How wrangler puts it that setting a secret would deploy a version that is not deployed. */
const NOT_DEPLOYED = /latest version of your Worker isn't currently deployed/;

/** What wrangler.toml names for an environment, and what must exist before it can be deployed. */
export type Resources = {
  worker: string;
  buckets: string[];
  queues: string[];
  secrets: string[];
  /** Datasets of Analytics Engine: Cloudflare makes them with the first data point. */
  datasets: string[];
};

export function readResources(environment: Environment): Resources {
  const { name, r2_buckets, queues, secrets, analytics_engine_datasets } = readEnvironmentConfig(environment);
  const consumed = queues.consumers.flatMap(({ queue, dead_letter_queue }) => [queue, dead_letter_queue]);
  return {
    worker: name,
    buckets: namesIn(r2_buckets.map(({ bucket_name }) => bucket_name)),
    queues: namesIn([...queues.producers.map(({ queue }) => queue), ...consumed]),
    secrets: secrets.required,
    datasets: namesIn(analytics_engine_datasets.map(({ dataset }) => dataset)),
  };
}

function namesIn(names: readonly (string | undefined)[]): string[] {
  return Array.from(new Set(names.filter((name) => name !== undefined)));
}

/** The names of the buckets that the account has: the first page of them. */
export async function listBuckets(): Promise<string[]> {
  const { stdout } = await wrangler(['r2', 'bucket', 'list']);
  return Array.from(stdout.matchAll(/^name:\s+(\S+)$/gm), ([, name = '']) => name);
}

export async function queueExists(name: string): Promise<boolean> {
  return wrangler(['queues', 'info', name]).then(
    () => true,
    (error: unknown) => {
      if (error instanceof WranglerError && error.message.includes(`Queue "${name}" does not exist`)) return false;
      throw error;
    },
  );
}

export type Creation = 'created' | 'already there';

export const createBucket = (name: string) => create(['r2', 'bucket', 'create', name]);
export const createQueue = (name: string) => create(['queues', 'create', name]);

async function create(args: readonly string[]): Promise<Creation> {
  try {
    await wrangler(args);
    return 'created';
  } catch (error) {
    if (error instanceof WranglerError && TAKEN_CODES.includes(error.code ?? 0)) return 'already there';
    throw error;
  }
}

/** Sets secrets of a Worker; one that does not exist is created as a draft that only holds them. The values go by stdin. */
export async function setSecrets(environment: Environment, secrets: ReadonlyMap<string, string>): Promise<void> {
  try {
    await wrangler(['secret', 'bulk', '--env', environment], JSON.stringify(Object.fromEntries(secrets)));
  } catch (error) {
    if (!(error instanceof WranglerError) || !NOT_DEPLOYED.test(error.message)) throw withoutValues(error, secrets);
    throw new UserError(
      `The latest version of the Worker is not the one that serves (a deployment failed or goes on), and a secret would deploy it. Set the secret for the next deployment: npx wrangler versions secret put NAME --env ${environment}`,
    );
  }
}

/** What wrangler says is shown; a value that it might quote is not. */
function withoutValues(error: unknown, secrets: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof Error)) return error;
  const message = Array.from(secrets.values()).reduce((said, value) => said.replaceAll(value, '***'), error.message);
  return new UserError(message);
}
