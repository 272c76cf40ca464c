import { AwsClient } from 'aws4fetch';
import { UserError } from '../cli.ts';
import { sha256 } from './model-folder.ts';
import type { ObjectStore } from './object-store.ts';

export type R2Credentials = { endpoint: string; accessKeyId: string; secretAccessKey: string };

/** Opens a bucket at Cloudflare through R2's S3 API. Failures that may pass (5xx, 429) are tried again with a delay. */
export function openRemoteStore(
  bucket: string,
  { endpoint, accessKeyId, secretAccessKey }: R2Credentials,
): ObjectStore {
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    service: 's3',
    region: 'auto',
    retries: 5,
    initRetryMs: 500,
  });
  const address = (key: string) => `${endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;

  async function send(what: string, url: string, init?: RequestInit): Promise<Response> {
    const response = await client.fetch(url, init).catch((error: Error) => {
      throw new UserError(`${what} failed: ${endpoint} cannot be reached (${reasonOf(error)}).`);
    });
    if (response.ok || response.status === 404 || response.status === 412) return response;
    throw new UserError(`${what} failed: ${explainStatus(response.status)}\n${(await response.text()).slice(0, 500)}`);
  }

  return {
    name: `the R2 bucket ${bucket}`,
    async get(key) {
      const response = await send(`Reading ${key} from ${bucket}`, address(key));
      if (response.status === 404) return await missing(response, bucket);
      return { bytes: new Uint8Array(await response.arrayBuffer()), etag: etagOf(response) };
    },
    async put(key, bytes, { contentType, condition }) {
      const response = await send(`Storing ${key} in ${bucket}`, address(key), {
        method: 'PUT',
        body: new Uint8Array(bytes),
        headers: {
          'content-type': contentType,
          // R2 refuses a body that was damaged on the way.
          'x-amz-content-sha256': sha256(bytes),
          ...(condition === 'absent' ? { 'if-none-match': '*' } : { 'if-match': condition.etag }),
        },
      });
      if (response.status === 404) await missing(response, bucket);
      return response.ok ? etagOf(response) : null;
    },
    async list(prefix) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix, ...(token && { 'continuation-token': token }) });
        const response = await send(`Listing ${bucket}`, `${endpoint}/${bucket}?${query}`);
        if (response.status === 404) await missing(response, bucket);
        const xml = await response.text();
        keys.push(...Array.from(xml.matchAll(/<Key>([^<]*)<\/Key>/g), ([, key = '']) => unescapeXml(key)));
        const next = xml.match(/<NextContinuationToken>([^<]*)</)?.[1];
        token = next && unescapeXml(next);
      } while (token);
      return keys.sort();
    },
    async remove(keys) {
      for (const key of keys) {
        const response = await send(`Removing ${key} from ${bucket}`, address(key), { method: 'DELETE' });
        if (response.status === 404) await missing(response, bucket);
      }
    },
    async close() {
      // HTTP has nothing to close.
    },
  };
}

function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

/** A missing object is an answer; a missing bucket is an error. */
async function missing(response: Response, bucket: string): Promise<null> {
  if ((await response.text()).includes('NoSuchBucket')) {
    throw new UserError(`The bucket ${bucket} does not exist. Create it: npx wrangler r2 bucket create ${bucket}`);
  }
  return null;
}

function etagOf(response: Response): string {
  const etag = response.headers.get('etag');
  if (!etag) throw new Error('the store answered without an etag');
  return etag;
}

function explainStatus(status: number): string {
  if (status === 401 || status === 403) {
    return `R2 refused the credentials (${status}). Check R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY, and that the token may write to this bucket.`;
  }
  return `R2 answered ${status}.`;
}

function unescapeXml(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (entity, name: string) => entities[name] ?? entity);
}
