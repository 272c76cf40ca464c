import * as z from 'zod';
import { UserError } from '../cli.ts';
import { retryingFetch } from '../retrying-fetch.ts';
import { NOT_FOUND_CODES } from './wrangler.ts';

const Answer = z.object({
  result: z.unknown(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })),
});

/**
 * Reads what Cloudflare's API has at a path of the account; null where it is a Worker's that does not exist. A deployment reads often: wrangler
 * would take two seconds each time to start. The account and the token are those of wrangler's own environment variables.
 */
export async function readFromApi<T>(path: string, shape: z.ZodType<T>): Promise<T | null> {
  const { CLOUDFLARE_API_BASE_URL: base, CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: token } = process.env;
  const url = `${base || 'https://api.cloudflare.com/client/v4'}/accounts/${account}/${path}`;
  const response = await retryingFetch(url, { headers: { authorization: `Bearer ${token}` } }).catch((error: Error) => {
    throw new UserError(`Cloudflare cannot be reached: ${error.message}`);
  });
  const answer = Answer.safeParse(await response.json().catch(() => null)).data;
  if (response.ok && answer) return shape.parse(answer.result);
  const errors = answer?.errors ?? [];
  if (errors.some(({ code }) => NOT_FOUND_CODES.includes(code))) return null;
  const reasons = errors.map(({ code, message }) => ` ${message} [code: ${code}]`).join('');
  throw new UserError(`Cloudflare answered ${response.status} for ${path}.${reasons}`);
}
