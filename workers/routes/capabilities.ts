import { Hono } from 'hono';
import type { Capabilities } from '../../common/api/answers.ts';
import { allow } from '../middleware/authorise.ts';
import { forbidStoring } from '../middleware/no-store.ts';
import type { AppEnv } from '../middleware/services.ts';

/** What there is in this environment, and what the caller may do: the page shows what it finds here. */
export const capabilities = new Hono<AppEnv>().get('/v1/capabilities', forbidStoring, allow(null), (context) => {
  const [caller, services] = [context.get('caller'), context.get('services')];
  const { records, batch, publicScopes, pageLevel, apiKeys } = services;
  const answer: Capabilities = {
    // Where nothing is recorded there is little more to show than an estimate.
    level: records ? pageLevel : 'simple',
    history: records !== null,
    batch,
    publicScopes: [...publicScopes],
    scopes: apiKeys.find(({ id }) => id === caller.keyId)?.scopes ?? [],
  };
  return context.json(answer);
});
