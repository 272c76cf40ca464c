import { Hono } from 'hono';
import { createOpenApi } from '../../common/api/openapi.ts';
import type { Deployment } from '../../common/api/openapi-types.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { toHex } from '../../common/hex.ts';
import type { AppEnv } from '../middleware/services.ts';
import { sha256 } from '../sha256.ts';

type Document = { json: string; etag: string };

/** Made once a loaded version: an isolate's settings do not change. */
const documents = new WeakMap<Contract, Promise<Document>>();

/** The description of this API, as it is while the version that serves does. */
export const openapi = new Hono<AppEnv>().get('/openapi.json', (context) => {
  const { models, publicScopes, batch } = context.get('services');
  return models.use(async ({ contract }) => {
    context.get('event').modelVersion = contract.version;
    const { json, etag } = await documentOf(contract, { publicScopes, batch });
    const headers = { etag, 'cache-control': 'no-cache' };
    if (holds(context.req.header('if-none-match'), etag)) return context.body(null, 304, headers);
    return context.body(json, 200, { ...headers, 'content-type': 'application/json' });
  });
});

function documentOf(contract: Contract, deployment: Deployment): Promise<Document> {
  const known = documents.get(contract);
  if (known) return known;
  const made = makeDocument(contract, deployment);
  documents.set(contract, made);
  return made;
}

async function makeDocument(contract: Contract, deployment: Deployment): Promise<Document> {
  const json = JSON.stringify(createOpenApi(contract, deployment));
  const digest = await sha256(json);
  return {
    json,
    etag: `"${toHex(digest.subarray(0, 16))}"`,
  };
}

/** Whether an If-None-Match names the document: a cache that compresses it makes its ETag a weak one. */
function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  const etags = ifNoneMatch?.split(',').map((it) => it.trim().replace(/^W\//, ''));
  return etags?.some((it) => it === '*' || it === etag) ?? false;
}
