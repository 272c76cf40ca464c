import { and, eq, exists, inArray, lt, or } from 'drizzle-orm';
import type { Prediction } from '../../common/prediction.ts';
import { type Database, isAboutRows } from './database.ts';
import { waitForErasures } from './history-lock.ts';
import { erasures, predictions } from './schema.ts';

/** Postgres takes 65,535 parameters a statement, and a row has 13; a batch of this size is a request of about 2 MB. */
const ROWS = 2000;

/**
 * Stores predictions, and resolves to those that Postgres refuses for what they hold, with its reason: the others are
 * stored all the same. One that is there already stays as it is, and one that an erasure covers is not kept. Rejects if the
 * database is at fault: then some may be stored, and all can be given again.
 */
export async function insertPredictions(
  database: () => Database,
  batch: readonly Prediction[],
): Promise<Map<Prediction, unknown>> {
  const refused = new Map<Prediction, unknown>();
  for (let start = 0; start < batch.length; start += ROWS) {
    await insertOrHalve(database, batch.slice(start, start + ROWS), refused);
  }
  return refused;
}

/** One request where all rows are good; halves find a bad one among 2,000 in about 20 requests. */
async function insertOrHalve(
  database: () => Database,
  rows: readonly Prediction[],
  refused: Map<Prediction, unknown>,
): Promise<void> {
  try {
    await insert(database(), rows);
  } catch (error) {
    if (!isAboutRows(error)) throw error;
    const [first] = rows;
    if (rows.length === 1 && first) {
      refused.set(first, error);
      return;
    }
    const middle = Math.ceil(rows.length / 2);
    await insertOrHalve(database, rows.slice(0, middle), refused);
    await insertOrHalve(database, rows.slice(middle), refused);
  }
}

/** One transaction, so that nobody ever reads a prediction that came too late: it was erased before it was stored. */
async function insert(database: Database, rows: readonly Prediction[]): Promise<void> {
  const byPrediction = database
    .select({ id: erasures.id })
    .from(erasures)
    .where(eq(erasures.predictionId, predictions.id));
  const byIdentifier = database
    .select({ id: erasures.id })
    .from(erasures)
    .where(and(eq(erasures.identifier, predictions.identifier), lt(predictions.createdAt, erasures.madeBefore)));
  await database.batch([
    waitForErasures(database),
    database.insert(predictions).values(rows.map(toRow)).onConflictDoNothing(),
    database.delete(predictions).where(
      and(
        inArray(
          predictions.id,
          rows.map(({ id }) => id),
        ),
        or(exists(byPrediction), exists(byIdentifier)),
      ),
    ),
  ]);
}

function toRow({ id, createdAt, model, ...rest }: Prediction): typeof predictions.$inferInsert {
  return {
    id,
    createdAt: new Date(createdAt),
    modelName: model.name,
    modelVersion: model.version,
    modelSha256: model.sha256,
    ...rest,
  };
}
