import { Hono } from 'hono';
import { causeOf, ProblemError } from '../errors.ts';
import type { AppEnv } from '../http/app-env.ts';
import { logEvent } from '../log.ts';
import type { Backlog, History, ModelStore } from '../ports.ts';
import { withModel } from '../predict/choose-version.ts';

const NOT_UPDATED = 'A version that was activated later could not be loaded; the log says why. This one still serves.';
const NOT_SIGNED =
  'A version that was activated later is not signed by a key of MODEL_SIGNING_KEYS, and is not loaded. This one still serves.';

type Check = { status: 'ok' | 'absent' } | { status: 'failed'; detail: string };

/** Answers whenever the Worker runs, even with wrong settings. */
export const live = new Hono().get('/health/live', (context) => context.json({ status: 'live' }));

/** Whether a prediction would be answered, and recorded where this environment records. */
export const ready = new Hono<AppEnv>().get('/health/ready', async (context) => {
  const { models, records, workerVersion } = context.get('services');
  const [model, database, backlog] = await Promise.all([
    checkModel(models),
    checkDatabase(records?.history),
    checkBacklog(records?.backlog),
  ]);
  // A backlog is safe, and does not keep predictions from being made: it is shown so that somebody may look at it.
  const ready = model.status === 'ok' && database.status !== 'failed';
  return context.json(
    { status: ready ? 'ready' : 'not-ready', worker: workerVersion, checks: { model, database, backlog } },
    ready ? 200 : 503,
  );
});

async function checkModel(models: ModelStore) {
  try {
    const { contract, contractSha256 } = await withModel(models, null, async (predictor) => predictor);
    const { name, version, graph } = contract;
    const failure = models.updateFailure();
    return {
      status: 'ok' as const,
      name,
      version,
      sha256: graph.sha256,
      contractSha256,
      ...(failure && {
        detail: failure.isUnsigned ? NOT_SIGNED : NOT_UPDATED,
        updateFailedAt: failure.at.toISOString(),
      }),
    };
  } catch (error) {
    return failed('model', error);
  }
}

async function checkDatabase(history: History | undefined): Promise<Check> {
  if (!history) return { status: 'absent' };
  try {
    await history.ping();
    return { status: 'ok' };
  } catch (error) {
    return failed('database', error);
  }
}

async function checkBacklog(backlog: Backlog | undefined) {
  if (!backlog) return { status: 'absent' as const };
  try {
    return { status: 'ok' as const, ...(await backlog.count()) };
  } catch (error) {
    return failed('backlog', error);
  }
}

function failed(check: 'model' | 'database' | 'backlog', error: unknown): Check & { status: 'failed' } {
  logEvent('error', 'check failed', { check, cause: causeOf(error) });
  const { detail } = error instanceof ProblemError ? error : new ProblemError('internal');
  return { status: 'failed', detail };
}
