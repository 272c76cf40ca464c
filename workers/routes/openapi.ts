import { Hono } from 'hono';
import { createOpenApi } from '../../common/api/openapi.ts';
import type { Deployment } from '../../common/api/openapi-types.ts';
import type { Contract } from '../../common/contract/contract.ts';
import type { AppEnv } from '../http/app-env.ts';
import { answerDocument } from '../http/etag.ts';
import { sha256Hex } from '../sha256.ts';
import { useModel } from './use-model.ts';

type Document = { json: string; sha256: string };

/** One for each loaded version: the settings of an isolate do not change. */
const documents = new WeakMap<Contract, Promise<Document>>();

/** The description of this API, for the version that serves. */
export const openapi = new Hono<AppEnv>().get('/openapi.json', (context) => {
  const { publicScopes, batch } = context.get('services');
  return useModel(context, null, async ({ contract }) => {
    const { json, sha256 } = await documentOf(contract, { publicScopes, batch });
    return answerDocument(context, json, sha256);
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
  return { json, sha256: await sha256Hex(json) };
}
