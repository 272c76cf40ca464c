import { Hono } from 'hono';
import type { AppEnv } from '../http/app-env.ts';
import { answerDocument } from '../http/etag.ts';
import { useModel } from './use-model.ts';

/** The contract of the version that serves, as it was published. */
export const model = new Hono<AppEnv>().get('/v1/model', (context) =>
  useModel(context, null, async ({ contractJson, contractSha256 }) =>
    answerDocument(context, contractJson, contractSha256),
  ),
);
