import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { UserError } from '../cli.ts';
import type { Environment } from '../model/open-store.ts';
import { addressesOf } from '../wrangler-config.ts';
import { postToApi, readFromApi } from './cloudflare-api.ts';
import { WranglerError, wrangler } from './wrangler.ts';

const Deployment = z.object({
  id: z.string(),
  created_on: z.string(),
  versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })),
});
const Deployments = z.object({ deployments: z.array(Deployment) });
const Version = z.object({ id: z.string(), annotations: z.record(z.string(), z.string()).optional() });
/**
 * Cloudflare attaches a consumer only to a Worker whose deployed code has a queue handler. It may learn of a deployment some seconds later
 * (https://github.com/alchemy-run/distilled/pull/273).
 */
const QUEUE_HANDLER_MISSING = 11001;
const HANDLER_ATTEMPTS = 10;
const HANDLER_PAUSE_MS = 3000;
const Secrets = z.array(z.object({ name: z.string() }));

export type Share = { version: string; percentage: number };
export type Traffic = {
  /** How the traffic is shared now. */
  shares: Share[];
  /** The version that had all the traffic last: the one to return to. Null where none of the latest deployments had it. */
  stable: string | null;
};

/** How a Worker's traffic is shared, as Cloudflare says; null where the Worker does not exist. */
export async function readTraffic(worker: string): Promise<Traffic | null> {
  const listed = await readFromApi(`workers/scripts/${worker}/deployments`, Deployments);
  if (!listed) return null;
  const deployments = listed.deployments.sort((a, b) => b.created_on.localeCompare(a.created_on));
  const stable = deployments.find(({ versions }) => sharesOf(versions).length === 1);
  return {
    shares: deployments[0]?.versions.map(({ version_id: version, percentage }) => ({ version, percentage })) ?? [],
    stable: stable ? (sharesOf(stable.versions)[0]?.version_id ?? null) : null,
  };
}

/** Those versions that get requests. One at 0 % beside another one only waits for its smoke test. */
function sharesOf<T extends { percentage: number }>(versions: readonly T[]): T[] {
  return versions.filter(({ percentage }) => percentage > 0);
}

/** The commit that a version was uploaded from; null where somebody uploaded it in another way. */
export async function readTag(worker: string, version: string): Promise<string | null> {
  const found = await readFromApi(`workers/scripts/${worker}/versions/${version}`, Version);
  return found?.annotations?.['workers/tag'] ?? null;
}

/** The names of a Worker's secrets; null where the Worker does not exist. */
export async function readSecretNames(worker: string): Promise<string[] | null> {
  const secrets = await readFromApi(`workers/scripts/${worker}/secrets`, Secrets);
  return secrets?.map(({ name }) => name) ?? null;
}

/** The same as `readSecretNames`, also for somebody who is logged in to wrangler and has no token. */
export async function listSecretNames(environment: Environment): Promise<string[] | null> {
  const listed = await orNullIfMissing(wrangler(['secret', 'list', '--env', environment, '--format', 'json']));
  if (!listed) return null;
  return Secrets.parse(JSON.parse(listed.stdout)).map(({ name }) => name);
}

/** Uploads the Worker in this directory as a new version that gets no traffic. Resolves to its id. */
export async function uploadVersion(environment: Environment, tag: string, message: string): Promise<string> {
  return versionFrom(['versions', 'upload', '--env', environment, '--tag', tag, '--message', message]);
}

/** Creates the Worker; its first version gets all the traffic. Resolves to the version's id. */
export async function deployFirst(environment: Environment, tag: string, message: string): Promise<string> {
  return versionFrom(['deploy', '--env', environment, '--tag', tag, '--message', message]);
}

async function versionFrom(args: readonly string[]): Promise<string> {
  // By default wrangler creates a bucket that is missing: a wrong name would give the Worker an empty one.
  const { stdout, entries } = await wrangler([...args, '--experimental-provision=false']);
  const id = entries.find(({ version_id }) => version_id)?.version_id;
  if (!id) throw new UserError(`wrangler uploaded nothing:\n${stdout}`);
  return id;
}

/** Deploys these versions, and applies the settings that belong to no version, such as which logs are kept. */
export async function deployVersions(
  environment: Environment,
  shares: readonly Share[],
  message: string,
): Promise<void> {
  const specs = shares.map(({ version, percentage }) => `${version}@${percentage}%`);
  await wrangler(['versions', 'deploy', ...specs, '--env', environment, '--message', message, '--yes']);
}

/**
 * Shares the traffic anew among versions that are deployed, with the request that wrangler would send
 * (https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/methods/create/): a return of the
 * traffic does not wait seconds for wrangler to start. It is not repeated, since somebody may have shared the traffic out meanwhile.
 */
export async function setTraffic(worker: string, shares: readonly Share[], message: string): Promise<void> {
  const body = {
    strategy: 'percentage',
    versions: shares.map(({ version, percentage }) => ({ version_id: version, percentage })),
    annotations: { 'workers/message': message },
  };
  const made = await postToApi(`workers/scripts/${worker}/deployments`, body, z.object({ id: z.string() }), fetch);
  if (!made) throw new UserError(`There is no Worker ${worker} any more.`);
}

/** Gives the Worker its addresses alone: cron and consumers wait until code serves that has their handlers. */
export async function applyAddresses(environment: Environment): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'addresses-'));
  const path = join(directory, 'wrangler.json');
  try {
    await writeFile(path, JSON.stringify({ ...addressesOf(environment), send_metrics: false }));
    await wrangler(['triggers', 'deploy', '--config', path]);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Applies what belongs to no version: the address, the cron, the queues' consumers. */
export async function applyTriggers(environment: Environment, pauseMs = HANDLER_PAUSE_MS): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await wrangler(['triggers', 'deploy', '--env', environment]);
      return;
    } catch (error) {
      const isEarly = error instanceof WranglerError && error.code === QUEUE_HANDLER_MISSING;
      if (!isEarly || attempt === HANDLER_ATTEMPTS) throw error;
      await sleep(pauseMs);
    }
  }
}

async function orNullIfMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof WranglerError && error.isWorkerMissing) return null;
    throw error;
  }
}
