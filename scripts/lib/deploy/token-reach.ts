import * as z from 'zod';
import { step } from '../cli.ts';
import { ENVIRONMENTS, type Environment } from '../model/open-store.ts';
import { CloudflareError, readFromApi } from './cloudflare-api.ts';
import { readResources } from './resources.ts';

const Buckets = z.object({ buckets: z.array(z.object({ name: z.string() })) });
const Queues = z.array(z.object({ queue_name: z.string() }));

/**
 * What CLOUDFLARE_API_TOKEN reaches of the other environments, in words. A token may not read its own permissions
 * (https://developers.cloudflare.com/api/resources/accounts/subresources/tokens/methods/verify/ tells its status alone), so this asks for
 * things that a token of one environment has no business with.
 */
async function findTokenReach(environment: Environment): Promise<string[]> {
  const others = ENVIRONMENTS.filter((it) => it !== environment).map(readResources);
  const buckets = new Set(others.flatMap((it) => it.buckets));
  const queues = others.flatMap((it) => it.queues);
  const reached = await Promise.all([
    ...others.map(async ({ worker }) =>
      (await canRead(`workers/scripts/${worker}/deployments`, z.unknown())) ? [`the Worker ${worker}`] : [],
    ),
    canRead('r2/buckets?per_page=1000', Buckets).then((listed) =>
      (listed?.buckets ?? []).filter(({ name }) => buckets.has(name)).map(({ name }) => `the bucket ${name}`),
    ),
    ...queues.map(async (queue) =>
      ((await canRead(`queues?name=${queue}`, Queues)) ?? [])
        .filter(({ queue_name }) => queue_name === queue)
        .map((it) => `the queue ${it.queue_name}`),
    ),
  ]);
  return reached.flat();
}

async function canRead<T>(path: string, shape: z.ZodType<T>): Promise<T | null> {
  try {
    return await readFromApi(path, shape);
  } catch (error) {
    if (error instanceof CloudflareError && error.status < 500) return null;
    throw error;
  }
}

/** Warns on stderr where the token reaches other environments. It stops nothing: a narrower token has to be made first. */
export async function warnOfTokenReach(environment: Environment): Promise<void> {
  const warning = await step('asking what the token reaches beside this environment', () => describeReach(environment));
  if (warning !== null) process.stderr.write(`Warning: ${warning}\n`);
}

async function describeReach(environment: Environment): Promise<string | null> {
  try {
    const reached = await findTokenReach(environment);
    if (reached.length === 0) return null;
    return `CLOUDFLARE_API_TOKEN also reaches ${reached.join(', ')}. Keep it out of GitHub's environment ${environment}, which deploys with a token for the Worker ${readResources(environment).worker} alone. Better, give prod a Cloudflare account of its own. See docs/operations.md#tokens.`;
  } catch (error) {
    // Whatever Cloudflare answered: a question about the token must not stop a deployment.
    const reason = error instanceof Error ? error.message : String(error);
    return `Nobody knows whether CLOUDFLARE_API_TOKEN reaches other environments. ${reason}`;
  }
}
