import * as z from 'zod';
import { UserError } from '../cli.ts';
import type { Environment } from '../model/open-store.ts';
import { addressesOf } from '../wrangler-config.ts';
import { CloudflareError, readFromApi } from './cloudflare-api.ts';
import { WranglerError } from './wrangler.ts';

/**
 * A product that somebody must enable in the dashboard, by the codes with which Cloudflare refuses it until then. R2:
 * https://github.com/cloudflare/workers-sdk/issues/2877. Queues: https://github.com/cloudflare/workers-sdk/issues/12438 (11002), 11210 (100129,
 * of the time when Queues needed Workers Paid).
 */
const PRODUCTS = [
  {
    codes: [10042],
    step: 'R2 is not enabled. Enable it at https://dash.cloudflare.com/?to=/:account/r2/overview; it asks for a means of payment.',
  },
  {
    codes: [11002, 100129],
    step: 'Queues is not enabled. Enable it at https://dash.cloudflare.com/?to=/:account/workers/queues.',
  },
];

const SUBDOMAIN_STEP =
  'It has no workers.dev subdomain. Choose one at https://dash.cloudflare.com/?to=/:account/workers/onboarding.';

/** What the account lacks according to this error of wrangler's; null where the error is another one. */
export function lackIn(error: unknown): string | null {
  if (!(error instanceof WranglerError)) return null;
  return PRODUCTS.find(({ codes }) => codes.includes(error.code ?? 0))?.step ?? null;
}

/**
 * What an account without a workers.dev subdomain lacks, where the environment's Worker is to have its address there; else null. A token that
 * may not ask for it learns nothing. Cloudflare answers 404 with code 10007, as wrangler reads it too.
 */
export async function findSubdomainLack(environment: Environment): Promise<string | null> {
  if (addressesOf(environment).workers_dev === false) return null;
  try {
    const found = await readFromApi('workers/subdomain', z.object({ subdomain: z.string() }));
    return found ? null : SUBDOMAIN_STEP;
  } catch (error) {
    if (error instanceof CloudflareError && error.isForbidden) return null;
    throw error;
  }
}

/** Throws where the account lacks something, before anything is changed in it. */
export function refuseLacks(lacks: readonly string[]): void {
  if (lacks.length === 0) return;
  throw new UserError(
    `This Cloudflare account is not ready, and nothing was changed in it:\n${lacks.map((lack) => `- ${lack}`).join('\n')}\nThen repeat the command. See docs/operations.md#first-set-up.`,
  );
}
