import { Hono } from 'hono';
import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { AppEnv } from '../middleware/services.ts';
import type { History, ModelStore } from '../ports.ts';

const NOT_UPDATED = 'A version that was activated later could not be loaded; the log says why. This one still serves.';

type Check = { status: 'ok' | 'absent' } | { status: 'failed'; detail: string };

/** Answers as long as the Worker runs at all, however it is configured. */
export const live = new Hono().get('/health/live', (context) => context.json({ status: 'live' }));

/** Whether a prediction would be answered, and recorded where this environment records. */
export const ready = new Hono<AppEnv>().get('/health/ready', async (context) => {
  const { models, records, workerVersion } = context.var.services;
  // The binding holds more than its type says.
  const [model, database] = await Promise.all([checkModel(models), checkDatabase(records?.history)]);
  const ready = model.status === 'ok' && database.status !== 'failed';
  return context.json(
    { status: ready ? 'ready' : 'not-ready', worker: workerVersion, checks: { model, database } },
    ready ? 200 : 503,
  );
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

function failed(check: 'model' | 'database', error: unknown): Check & { status: 'failed' } {
  logEvent('error', 'not ready', { check, cause: causeOf(error) });
  const { detail } = error instanceof ProblemError ? error : new ProblemError('internal');
  return { status: 'failed', detail };
}
