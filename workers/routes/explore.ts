import { Hono } from 'hono';
import type { AppEnv } from '../http/app-env.ts';
import { MAX_RECORD_BYTES, readJson } from '../http/read-json.ts';
import { allow, countPoints } from '../middleware/authorise.ts';
import { explore as exploreRecord } from '../predict/explore.ts';
import { useModel } from './use-model.ts';

/** Answers as predict would, for one record or for several values of one of its fields. Records nothing. */
export const explore = new Hono<AppEnv>().post('/v1/explore', allow('predict'), async (context) => {
  const body = await readJson(context.req.raw, MAX_RECORD_BYTES);
  return useModel(context, null, async (predictor) => {
    const answer = await exploreRecord(predictor, body);
    await countPoints(context, answer.points.length);
    context.get('event').rows = answer.points.filter((point) => !('errors' in point)).length;
    return context.json(answer);
  });
});
