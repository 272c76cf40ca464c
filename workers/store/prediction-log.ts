import { eq, sql } from 'drizzle-orm';
import type { Prediction } from '../../common/prediction.ts';
import { ProblemError } from '../errors.ts';
import type { PredictionLog } from '../ports.ts';
import type { Database } from './database.ts';
import { predictions } from './schema.ts';

/** Records through the queue, so that an answer never waits for the database; reads from the database. */
export function createPredictionLog(queue: Queue, database: () => Database): PredictionLog {
  return {
    async record(prediction) {
      await queue.send(prediction);
    },
    async find(id) {
      const rows = await reachable(() => database().select().from(predictions).where(eq(predictions.id, id)));
      return rows[0] ? fromRow(rows[0]) : null;
    },
    async ping() {
      await reachable(() => database().execute(sql`select 1 from ${predictions} limit 1`));
    },
  };
}

/** Stores predictions; those that are stored already are left as they are. */
export async function insertPredictions(database: Database, batch: readonly Prediction[]): Promise<void> {
  await database.insert(predictions).values(batch.map(toRow)).onConflictDoNothing({ target: predictions.id });
}

async function reachable<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (cause) {
    throw new ProblemError('database-unavailable', { cause });
  }
}

function toRow({ model, createdAt, ...rest }: Prediction): typeof predictions.$inferInsert {
  return {
    ...rest,
    createdAt: new Date(createdAt),
    modelName: model.name,
    modelVersion: model.version,
    modelSha256: model.sha256,
  };
}

function fromRow({
  modelName,
  modelVersion,
  modelSha256,
  createdAt,
  ...rest
}: typeof predictions.$inferSelect): Prediction {
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    model: { name: modelName, version: modelVersion, sha256: modelSha256 },
  };
}
