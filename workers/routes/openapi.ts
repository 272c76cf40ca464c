import { Hono } from 'hono';
import { createOpenApi } from '../../common/api/openapi.ts';
import type { Deployment } from '../../common/api/openapi-types.ts';
import type { Contract } from '../../common/contract/contract.ts';
import type { AppEnv } from '../http/app-env.ts';
import { sha256Hex } from '../sha256.ts';
import { useModel } from './use-model.ts';

type Document = { json: string; etag: string };

/** Enough of the digest to tell documents apart. */
const ETAG_DIGITS = 32;

/** One for each loaded version: the settings of an isolate do not change. */
const documents = new WeakMap<Contract, Promise<Document>>();

/** The description of this API, for the version that serves. */
export const openapi = new Hono<AppEnv>().get('/openapi.json', (context) => {
  const { publicScopes, batch } = context.get('services');
  return useModel(context, null, async ({ contract }) => {
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
  return { json, etag: `"${(await sha256Hex(json)).slice(0, ETAG_DIGITS)}"` };
}

/** Whether an If-None-Match names the document. A cache that compresses the document makes its ETag weak. */
function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  const etags = ifNoneMatch?.split(',').map((it) => it.trim().replace(/^W\//, ''));
  return etags?.some((it) => it === '*' || it === etag) ?? false;
}
