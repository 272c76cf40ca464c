import { type Context, Hono } from 'hono';
import { ExportQuery } from '../../common/history/query.ts';
import { causeOf, toProblem } from '../errors.ts';
import type { AppEnv } from '../http/app-env.ts';
import { logEvent } from '../log.ts';
import { allow, limitBatches } from '../middleware/authorise.ts';
import type { Cursor, History, HistoryEntry, HistoryFilter, HistorySort } from '../ports.ts';
import { createExportTable, type ExportTable } from './export-table.ts';
import { cursorAfter } from './predictions-cursor.ts';
import { historyOf, queryOf, toFilter } from './predictions-request.ts';
import { useModel } from './use-model.ts';

/** How many predictions are read at a time. However long the export, a few MB are held at most. */
const PAGE = 1000;

const HEADERS = {
  'content-type': 'text/csv; charset=utf-8',
  'content-disposition': 'attachment; filename="predictions.csv"',
};

/** The history as a table, the newest first unless asked otherwise, streamed while it is read. */
export const exportPredictions = new Hono<AppEnv>().get(
  '/v1/predictions/export',
  allow('read'),
  limitBatches,
  async (context) => {
    const history = historyOf(context);
    const { sort = 'time', ...query } = await queryOf(context, ExportQuery);
    const contract = await useModel(context, null, async ({ contract }) => contract);
    const table = createExportTable(contract);
    const pages = readPages(history, toFilter(query), sort);
    // Read before the answer begins, so that a database that is down can still be answered with a problem.
    const first = await pages.next();
    if (context.req.method === 'HEAD') return context.body(null, 200, HEADERS);
    return context.body(stream(context, table, first, pages), 200, HEADERS);
  },
);

type Pages = AsyncGenerator<HistoryEntry[], void>;

async function* readPages(history: History, filter: HistoryFilter, sort: HistorySort): Pages {
  let after: Cursor | null = null;
  for (;;) {
    const page: HistoryEntry[] = await history.list(filter, after, PAGE, sort);
    yield page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = cursorAfter(last, sort);
  }
}

/**
 * Streams the table. A failure breaks the stream, so that a part cannot be taken for the whole. Once the reader has gone, no more
 * is read from the database.
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
