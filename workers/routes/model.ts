import { Hono } from 'hono';
import type { AppEnv } from '../middleware/services.ts';

/** The contract of the version that serves, as it was published. */
export const model = new Hono<AppEnv>().get('/v1/model', (context) =>
  context.get('services').models.use(async ({ contract, contractJson }) => {
    context.get('event').modelVersion = contract.version;
    return context.body(contractJson, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  }),
);
