import { Hono } from 'hono';
import type { PredictionDetail, PredictionPage, StoredPrediction } from '../../common/api/answers.ts';
import { toFieldWarnings } from '../../common/api/prediction-answer.ts';
import { PageQuery } from '../../common/history/query.ts';
import { ProblemError } from '../errors.ts';
import type { AppEnv } from '../http/app-env.ts';
import { allow } from '../middleware/authorise.ts';
import type { HistoryEntry } from '../ports.ts';
import { cursorAfter, decodeCursor, encodeCursor } from './predictions-cursor.ts';
import { historyOf, idOf, queryOf, toFilter } from './predictions-request.ts';

/** Up to which predictions are counted: about 50 ms of the database's time. */
const COUNTED = 100_000;

/** The history. */
export const predictions = new Hono<AppEnv>()
  .get('/v1/predictions', allow('read'), async (context) => {
    const history = historyOf(context);
    const { cursor, limit, sort = 'time', count: isCounted, ...query } = await queryOf(context, PageQuery);
    const after = cursor === undefined ? null : decodeCursor(cursor, sort);
    const filter = toFilter(query);
    // One prediction more than asked for tells whether there is another page, or more than are counted.
    const [entries, count] = await Promise.all([
      history.list(filter, after, limit + 1, sort),
      isCounted ? history.count(filter, COUNTED + 1) : null,
    ]);
    const page = entries.slice(0, limit);
    const last = entries.length > limit ? page.at(-1) : undefined;
    const answer: PredictionPage = {
      items: page.map(toStored),
      ...(count !== null && { total: { count: Math.min(count, COUNTED), isExact: count <= COUNTED } }),
      nextCursor: last ? encodeCursor(cursorAfter(last, sort), sort) : null,
    };
    return context.json(answer);
  })
  .get('/v1/predictions/:id', allow('read'), async (context) => {
    const history = historyOf(context);
    const found = await history.find(idOf(context));
    if (!found) throw new ProblemError('prediction-not-found');
    const { prediction, outcomes } = found;
    const answer: PredictionDetail = { ...toStored({ prediction, outcome: outcomes[0] ?? null }), outcomes };
    return context.json(answer);
  });

function toStored({ prediction, outcome }: HistoryEntry): StoredPrediction {
  return { ...prediction, warnings: toFieldWarnings(prediction.warnings), outcome };
}
