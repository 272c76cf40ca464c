import { Hono } from 'hono';
import type { Capabilities } from '../../common/api/answers.ts';
import type { AppEnv } from '../http/app-env.ts';
import { allow } from '../middleware/authorise.ts';
import { forbidStoring } from '../middleware/cache-control.ts';

/** What this environment has, and what the caller may do. The page shows itself accordingly. */
export const capabilities = new Hono<AppEnv>().get('/v1/capabilities', forbidStoring, allow(null), (context) => {
  const [caller, services] = [context.get('caller'), context.get('services')];
  const { records, batch, publicScopes, pageLevel, apiKeys } = services;
  const answer: Capabilities = {
    // Without records, a page can show little more than an estimate.
    level: records ? pageLevel : 'simple',
    history: records !== null,
    batch,
    publicScopes: [...publicScopes],
    scopes: apiKeys.find(({ id }) => id === caller.keyId)?.scopes ?? [],
  };
  return context.json(answer);
});
