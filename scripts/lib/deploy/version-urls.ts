import * as z from 'zod';
import { UserError } from '../cli.ts';
import { postToApi, readFromApi } from './cloudflare-api.ts';

/**
 * A Worker's addresses on workers.dev, in the API's words: `enabled` is the Worker's own, `previews_enabled` are those of its versions
 * (https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/).
 */
const Subdomain = z.object({ enabled: z.boolean().default(false), previews_enabled: z.boolean().default(false) });

const pathOf = (worker: string) => `workers/scripts/${worker}/subdomain`;

/**
 * Whether each version of the Worker has a public address. A version keeps its secrets, so a revoked API key goes on working there
 * (https://developers.cloudflare.com/workers/versions-and-deployments/version-urls/).
 */
export async function hasVersionUrls(worker: string): Promise<boolean> {
  return (await readFromApi(pathOf(worker), Subdomain))?.previews_enabled ?? false;
}

/** Takes the versions' addresses away. Resolves to whether they had some; throws where Cloudflare leaves them. */
export async function closeVersionUrls(worker: string): Promise<boolean> {
  const before = await readFromApi(pathOf(worker), Subdomain);
  if (!before?.previews_enabled) return false;
  await postToApi(pathOf(worker), { ...before, previews_enabled: false }, Subdomain);
  if (await hasVersionUrls(worker)) {
    throw new UserError(
      `Each version of ${worker} has a public address, and Cloudflare does not take it away. Do it in the dashboard: ${worker}, Settings, Domains & Routes, Version URLs, Disable.`,
    );
  }
  return true;
}
