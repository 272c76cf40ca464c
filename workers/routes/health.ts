import { Hono } from 'hono';
import { ProblemError } from '../errors.ts';
import type { AppEnv } from '../middleware/services.ts';
import type { ModelStore, PredictionLog } from '../ports.ts';

const NOT_UPDATED = 'A version that was activated later could not be loaded; the log says why. This one still serves.';

type Check = { status: 'ok' | 'absent' } | { status: 'failed'; detail: string };

export const health = new Hono<AppEnv>()
  /** Answers as long as the Worker runs at all. */
  .get('/health/live', (context) => context.json({ status: 'live' }))
  /** Whether a prediction would be answered, and recorded where this environment records. */
  .get('/health/ready', async (context) => {
    const { models, predictionLog } = context.var.services;
    const [model, database] = await Promise.all([checkModel(models), checkDatabase(predictionLog)]);
    const ready = model.status === 'ok' && database.status !== 'failed';
    return context.json({ status: ready ? 'ready' : 'not-ready', checks: { model, database } }, ready ? 200 : 503);
  });

async function checkModel(models: ModelStore) {
  try {
    const { name, version, graph } = await models.use(async ({ contract }) => contract);
    const updateFailedAt = models.updateFailedAt();
    return {
      status: 'ok' as const,
      name,
      version,
      sha256: graph.sha256,
      ...(updateFailedAt && { detail: NOT_UPDATED, updateFailedAt: updateFailedAt.toISOString() }),
    };
  } catch (error) {
    return failed(error);
  }
}

async function checkDatabase(log: PredictionLog | null): Promise<Check> {
  if (!log) return { status: 'absent' };
  try {
    await log.ping();
    return { status: 'ok' };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): Check & { status: 'failed' } {
  const { detail } = error instanceof ProblemError ? error : new ProblemError('internal');
  return { status: 'failed', detail };
}
