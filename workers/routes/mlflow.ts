import { type Context, Hono } from 'hono';
import { toScoringAnswer } from '../../common/protocols/mlflow/scoring-answer.ts';
import { readScoringCsv } from '../../common/protocols/mlflow/scoring-csv.ts';
import { toScoringError } from '../../common/protocols/mlflow/scoring-error.ts';
import { readScoringRequest, recordsOf } from '../../common/protocols/mlflow/scoring-request.ts';
import { ProblemError } from '../errors.ts';
import { answerErrorsAs } from '../http/answer-problem.ts';
import type { AppEnv, ErrorForm } from '../http/app-env.ts';
import { idempotencyKeyOf, predictionRequestOf } from '../http/idempotency.ts';
import { readBytes } from '../http/read-body.ts';
import { parseJson } from '../http/read-json.ts';
import { countLines, decodeCsv, scoringFormatOf } from '../http/scoring-body.ts';
import { allow, countLargeBody } from '../middleware/authorise.ts';
import { allowOrigins } from '../middleware/cors.ts';
import { provideServices } from '../middleware/services.ts';
import { checkRowCount, predictAll } from '../predict/predict-all.ts';
import { sha256Hex } from '../sha256.ts';
import { useModel } from './use-model.ts';

/** Ten thousand records, the most in one request, of a table like that of the attrition model. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

/**
 * Clients ask for the version of MLflow to know which bodies they may send. Bodies are taken as the scoring server of this
 * release takes them; tests/clients/test_mlflow.py compares the answers of both.
 */
const MLFLOW_VERSION = '3.17.2';

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
    const { batch } = context.get('services');
    const format = scoringFormatOf(context.req.header('content-type'));
    const idempotencyKey = idempotencyKeyOf(context);
    const body = await readBytes(context.req.raw, Math.min(batch.maxBytes, MAX_HELD_BYTES));
    const countAsked = await countLargeBody(context, body.byteLength);
    // The rows are counted before they are parsed, so that too many never fill the memory.
    if (format === 'csv') checkRowCount(countLines(body) - 1, batch.maxRows);
    return useModel(context, null, async (predictor) => {
      const table =
        format === 'csv'
          ? readScoringCsv(decodeCsv(body), predictor.contract, predictor.validate)
          : readScoringRequest(parseJson(body));
      if (!table.ok) throw new ProblemError('invalid-request', { detail: table.message });
      checkRowCount(table.rows, batch.maxRows);
      context.get('event').rows = table.rows;
      await countAsked(table.rows);
      const request = await predictionRequestOf(context, idempotencyKey, () => sha256Hex(body));
      const predicted = await predictAll(predictor, recordsOf(table), request, context.get('services'));
      return context.json(toScoringAnswer(predicted.map(({ prediction }) => prediction)));
    });
  });

/** Answers a line end, as MLflow does, if a prediction would be answered. */
function answerIfServing(context: Context<AppEnv>): Promise<Response> {
  return useModel(context, null, async () => context.text('\n'));
}
