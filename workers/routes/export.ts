import { type Context, Hono } from 'hono';
import { ExportQuery } from '../../common/history/query.ts';
import { causeOf, toProblem } from '../errors.ts';
import { logEvent } from '../log.ts';
import { allow } from '../middleware/authorise.ts';
import { limitBatches } from '../middleware/batch-limit.ts';
import type { AppEnv } from '../middleware/services.ts';
import type { Cursor, History, HistoryEntry, HistoryFilter } from '../ports.ts';
import { createExportTable, type ExportTable } from './export-table.ts';
import { historyOf, queryOf, toFilter } from './predictions-request.ts';

/** How many predictions are read at a time: a few MB are held at most, however long the export. */
const PAGE = 1000;

const HEADERS = {
  'content-type': 'text/csv; charset=utf-8',
  'content-disposition': 'attachment; filename="predictions.csv"',
};

/** The history as a table, the newest first, streamed as it is read. */
export const exportPredictions = new Hono<AppEnv>().get(
  '/v1/predictions/export',
  allow('read'),
  limitBatches,
  async (context) => {
    const history = historyOf(context);
    const filter = toFilter(queryOf(context, ExportQuery));
    const features = await context.get('services').models.use(async ({ contract }) => contract.features);
    const table = createExportTable(features.map(({ name }) => name));
    const pages = readPages(history, filter);
    // Before the answer begins, so that a database that is down is still a problem.
    const first = await pages.next();
    if (context.req.method === 'HEAD') return context.body(null, 200, HEADERS);
    return context.body(stream(context, table, first, pages), 200, HEADERS);
  },
);

type Pages = AsyncGenerator<HistoryEntry[], void>;

async function* readPages(history: History, filter: HistoryFilter): Pages {
  let after: Cursor | null = null;
  for (;;) {
    const page: HistoryEntry[] = await history.list(filter, after, PAGE);
    yield page;
    const last = page.at(-1)?.prediction;
    if (!last || page.length < PAGE) return;
    after = { createdAt: new Date(last.createdAt), id: last.id };
  }
}

/**
 * A failure breaks the stream, so that what was received cannot be taken for the whole. Once nobody reads it any more, nothing
 * more is asked of the database.
 */
function stream(
  context: Context<AppEnv>,
  table: ExportTable,
  first: IteratorResult<HistoryEntry[], void>,
  pages: Pages,
): ReadableStream<Uint8Array> {
  const event = context.get('event');
  const { promise: streamed, resolve: end } = Promise.withResolvers<void>();
  event.streamed = streamed;
  const encoder = new TextEncoder();
  let next: IteratorResult<HistoryEntry[], void> | null = first;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(table.header));
    },
    async pull(controller) {
      try {
        const page = next ?? (await pages.next());
        next = null;
        if (page.value) controller.enqueue(encoder.encode(page.value.map(table.line).join('')));
        if (!page.done) return;
        controller.close();
      } catch (error) {
        const { code } = toProblem(error);
        event.problem = code;
        logEvent('error', 'export broken off', { requestId: event.requestId, problem: code, cause: causeOf(error) });
        controller.error(error);
      }
      end();
    },
    async cancel() {
      end();
      await pages.return();
    },
  });
}
