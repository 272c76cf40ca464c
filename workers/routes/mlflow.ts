import { type Context, Hono } from 'hono';
import { toScoringAnswer } from '../../common/protocols/mlflow/scoring-answer.ts';
import { readScoringCsv } from '../../common/protocols/mlflow/scoring-csv.ts';
import { toScoringError } from '../../common/protocols/mlflow/scoring-error.ts';
import { readScoringRequest, recordsOf } from '../../common/protocols/mlflow/scoring-request.ts';
import { ProblemError } from '../errors.ts';
import type { ErrorForm } from '../http/answer-problem.ts';
import { readBytes } from '../http/read-body.ts';
import { parseJson } from '../http/read-json.ts';
import { allow } from '../middleware/authorise.ts';
import { allowOrigins } from '../middleware/cors.ts';
import { answerErrorsAs } from '../middleware/error-form.ts';
import { type AppEnv, provideServices } from '../middleware/services.ts';
import { idempotencyKeyOf } from '../predict/idempotency.ts';
import { checkRowCount, predictAll } from '../predict/predict-all.ts';

/** Ten thousand records, the most that are taken at once, of a table like the attrition model's. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

/**
 * Clients ask for the version of MLflow to know which bodies they may send: these are those of the scoring server of this
 * release, with which tests/clients/test_mlflow.py compares the answers.
 */
const MLFLOW_VERSION = '3.17.2';

/** Like MLflow, which knows no other charset and no other parameter. */
const CONTENT_TYPE = /^\s*(application\/json|text\/csv)\s*(;\s*charset=("?)utf-8\3\s*)?$/i;

/** Errors as MLflow's scoring server answers them: it has no 422. */
const scoringError: ErrorForm = ({ detail }, status) => ({
  status: status === 422 ? 400 : status,
  body: toScoringError(status, detail),
});

/** MLflow's scoring protocol: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/ */
export const mlflow = new Hono<AppEnv>()
  .on(
    'ALL',
    ['/ping', '/health', '/version', '/invocations'],
    answerErrorsAs(scoringError),
    provideServices,
    allowOrigins,
  )
  .get('/ping', answerIfServing)
  .get('/health', answerIfServing)
  .get('/version', (context) => context.text(MLFLOW_VERSION))
  .post('/invocations', allow('predict'), async (context) => {
    const services = context.get('services');
    const format = formatOf(context.req.header('content-type'));
    const idempotencyKey = idempotencyKeyOf(context);
    const body = await readBytes(context.req.raw, Math.min(services.batch.maxBytes, MAX_HELD_BYTES));
    // Each check of the number of rows comes before what would fill the memory with more than that.
    if (format === 'csv') checkRowCount(countLines(body) - 1, services.batch);
    return services.models.use(async (predictor) => {
      const table =
        format === 'csv'
          ? readScoringCsv(decode(body), predictor.contract, predictor.validate)
          : readScoringRequest(parseJson(body));
      if (!table.ok) throw new ProblemError('invalid-request', { detail: table.message });
      checkRowCount(table.rows, services.batch);
      const made = await predictAll(context, predictor, { idempotencyKey, body }, recordsOf(table));
      return context.json(toScoringAnswer(made.map(({ prediction }) => prediction)));
    });
  });

/** Whether a prediction would be answered: MLflow answers a line end. */
function answerIfServing(context: Context<AppEnv>): Promise<Response> {
  return context.get('services').models.use(async () => context.text('\n'));
}

function formatOf(contentType = ''): 'json' | 'csv' {
  switch (CONTENT_TYPE.exec(contentType)?.[1]?.toLowerCase()) {
    case 'application/json':
      return 'json';
    case 'text/csv':
      return 'csv';
    default:
      throw new ProblemError('unsupported-media-type', {
        detail: 'Send the rows as application/json or as text/csv, in UTF-8.',
      });
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** How many lines end, by LF, CR or both: those of a CSV file are its header and its rows. */
function countLines(text: Uint8Array): number {
  let lines = 0;
  let before = 0;
  for (const byte of text) {
    if (byte === CARRIAGE_RETURN || (byte === LINE_FEED && before !== CARRIAGE_RETURN)) lines++;
    before = byte;
  }
  return lines;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new ProblemError('invalid-csv', { detail: 'The text is not UTF-8.', cause });
  }
}
