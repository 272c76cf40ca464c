import { and, eq, exists, getTableColumns, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Prediction } from '../../common/history/prediction.ts';
import { type Database, isAboutRows } from './database.ts';
import { waitForErasures } from './history-erasures.ts';
import { databaseErrorOf } from './neon-client.ts';
import { erasures, predictions } from './schema.ts';

/** Rows of one request to the database, which is then about 2 MB. */
const ROWS = 2000;

/**
 * Stores predictions. Resolves to those that Postgres refuses for their content, each with the reason; the others are stored. A
 * prediction that is there already stays as it is, and one that an erasure covers is not kept. Rejects if the database is at
 * fault. Some may be stored by then, and all can be given again.
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

/** The digests that a version has one of, by the constraint that the trigger of migration 0005 names. */
const ONE_A_VERSION = {
  models_one_sha256: 'sha256',
  models_one_contract_sha256: 'contractSha256',
} as const;

/** Makes one request where all rows are good. Halving finds one bad row among 2,000 in about 20 requests. */
async function insertOrHalve(
  database: () => Database,
  rows: readonly Prediction[],
  refused: Map<Prediction, unknown>,
): Promise<void> {
  try {
    await insert(database(), rows);
  } catch (error) {
    if (!isAboutRows(error)) throw error;
    const isRefused = refusedModelsOf(error);
    const [bad, good] = partition(rows, ({ model }) => isRefused(model));
    if (bad.length > 0) {
      for (const row of bad) refused.set(row, error);
      if (good.length > 0) await insertOrHalve(database, good, refused);
      return;
    }
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

/** Which models Postgres refuses, because it knows the version by another graph or another contract. The detail is their digest. */
function refusedModelsOf(error: unknown): (model: Prediction['model']) => boolean {
  const { constraint, detail } = databaseErrorOf(error) ?? {};
  const digest = Object.entries(ONE_A_VERSION).find(([name]) => name === constraint)?.[1];
  return (model) => digest !== undefined && detail !== undefined && model[digest] === detail;
}

function partition<T>(items: readonly T[], predicate: (item: T) => boolean): [T[], T[]] {
  return [items.filter(predicate), items.filter((item) => !predicate(item))];
}

/** One transaction, so that nobody reads a prediction whose erasure came before it was stored. */
async function insert(database: Database, rows: readonly Prediction[]): Promise<void> {
  const byPrediction = database
    .select({ id: erasures.id })
    .from(erasures)
    .where(eq(erasures.predictionId, predictions.id));
  const byIdentifier = database
    .select({ id: erasures.id })
    .from(erasures)
    .where(and(eq(erasures.identifier, predictions.identifier), lt(predictions.createdAt, erasures.madeBefore)));
  const ids = sql.param(rows.map(({ id }) => id));
  await database.batch([
    waitForErasures(database),
    database.insert(predictions).select(recordsOf(rows)).onConflictDoNothing(),
    database
      .delete(predictions)
      .where(and(sql`${predictions.id} = any(${ids}::uuid[])`, or(exists(byPrediction), exists(byIdentifier)))),
  ]);
}

const columns = Object.values(getTableColumns(predictions));

/** Gives all rows as one parameter. One parameter a value would make 26,000 of them, which is far slower to build and larger. */
function recordsOf(rows: readonly Prediction[]): SQL {
  const names = columns.map(({ name }) => sql.identifier(name));
  const types = columns.map((column) => sql`${sql.identifier(column.name)} ${sql.raw(column.getSQLType())}`);
  const json = JSON.stringify(rows.map(toColumns));
  return sql`select ${sql.join(names, sql`, `)} from jsonb_to_recordset(${json}::jsonb) as record(${sql.join(types, sql`, `)})`;
}

/** A row by the names of its columns in the database. */
function toColumns({ createdAt, keyId, model, ...rest }: Prediction): Record<string, unknown> {
  return {
    ...rest,
    created_at: createdAt,
    key_id: keyId,
    model_name: model.name,
    model_version: model.version,
    model_sha256: model.sha256,
    contract_sha256: model.contractSha256,
  };
}
