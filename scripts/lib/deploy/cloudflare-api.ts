import * as z from 'zod';
import { UserError } from '../cli.ts';
import { retryingFetch } from '../retrying-fetch.ts';
import { NOT_FOUND_CODES } from './wrangler.ts';

const Answer = z.object({
  result: z.unknown(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })),
});

/** A request that Cloudflare's API answered with an error. */
export class CloudflareError extends UserError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Whether the token may not do what it was used for. */
  get isForbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/**
 * Reads what Cloudflare's API has at a path of the account; null where it is a Worker's that does not exist. A deployment reads often: wrangler
 * would take two seconds each time to start. The account and the token are those of wrangler's own environment variables.
 */
export async function readFromApi<T>(path: string, shape: z.ZodType<T>): Promise<T | null> {
  return askApi(path, shape);
}

/** Posts to a path of the account, again where Cloudflare fails unless `send` is plain fetch. Null where it is a Worker's that does not exist. */
export async function postToApi<T>(
  path: string,
  body: unknown,
  shape: z.ZodType<T>,
  send: typeof fetch = retryingFetch,
): Promise<T | null> {
  return askApi(path, shape, { method: 'POST', body: JSON.stringify(body) }, send);
}

async function askApi<T>(
  path: string,
  shape: z.ZodType<T>,
  init: RequestInit = {},
  send: typeof fetch = retryingFetch,
): Promise<T | null> {
  const { CLOUDFLARE_API_BASE_URL: base, CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: token } = process.env;
  const url = `${base || 'https://api.cloudflare.com/client/v4'}/accounts/${account}/${path}`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await send(url, { ...init, headers }).catch((error: Error) => {
    throw new UserError(`Cloudflare cannot be reached: ${error.message}`);
  });
  const answer = Answer.safeParse(await response.json().catch(() => null)).data;
  if (response.ok && answer) return shape.parse(answer.result);
  const errors = answer?.errors ?? [];
  if (errors.some(({ code }) => NOT_FOUND_CODES.includes(code))) return null;
  const reasons = errors.map(({ code, message }) => ` ${message} [code: ${code}]`).join('');
  const refusal = new CloudflareError(response.status, `Cloudflare answered ${response.status} for ${path}.${reasons}`);
  if (!refusal.isForbidden) throw refusal;
  throw new CloudflareError(
    response.status,
    `${refusal.message}\nCLOUDFLARE_API_TOKEN may not do this, or not in the account CLOUDFLARE_ACCOUNT_ID. Is it the token of another environment? See docs/operations.md#tokens.`,
  );
}
