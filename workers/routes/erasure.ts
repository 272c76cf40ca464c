import { Hono } from 'hono';
import type { ErasureAnswer } from '../../common/api/answers.ts';
import { ErasureQuery } from '../../common/history/query.ts';
import { ProblemError } from '../errors.ts';
import type { AppEnv } from '../http/app-env.ts';
import { allow } from '../middleware/authorise.ts';
import type { Erasure } from '../ports.ts';
import { actorOf, historyOf, idOf, queryOf } from './predictions-request.ts';

/** Erases one prediction, or all predictions about one identifier, with their outcomes. An audit row stays. */
export const erasure = new Hono<AppEnv>()
  .delete('/v1/predictions', allow('admin'), async (context) => {
    const history = historyOf(context);
    const { identifier } = await queryOf(context, ErasureQuery);
    return context.json(toAnswer(await history.eraseIdentifier(identifier, actorOf(context))));
  })
  .delete('/v1/predictions/:id', allow('admin'), async (context) => {
    const history = historyOf(context);
    const erased = await history.erase(idOf(context), actorOf(context));
    if (!erased) throw new ProblemError('prediction-not-found');
    return context.json(toAnswer(erased));
  });

function toAnswer({ id, erasedAt, predictions }: Erasure): ErasureAnswer {
  return { id, erasedAt: erasedAt.toISOString(), predictions };
}
