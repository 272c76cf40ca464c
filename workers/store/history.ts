import { and, count, desc, eq, exists, gte, inArray, isNotNull, lt, notExists, type SQL, sql } from 'drizzle-orm';
import type { OutcomeEntry } from '../../common/api/answers.ts';
import type { Outcome } from '../../common/contract/outputs/outputs.ts';
import type { Prediction } from '../../common/history/prediction.ts';
import type { Cursor, History, HistoryFilter, HistorySort } from '../ports.ts';
import { type Database, orDatabaseUnavailable } from './database.ts';
import { eraseAudited, waitForInserts } from './history-erasures.ts';
import { outcomes, predictions } from './schema.ts';

/** How many predictions one query looks up by id. Its response is then a few MB. */
const LOOKED_UP = 2000;

type Injected = { now(): Date; newId(): string };

export function createHistory(database: () => Database, { now, newId }: Injected): Omit<History, 'ping'> {
  return {
    list: (filter, after, limit, sort = 'time') =>
      orDatabaseUnavailable(async () => {
        const db = database();
        const latest = latestOutcome(db);
        const { label, value, observedOn, recordedAt, keyId } = latest;
        // A column that is never null first: where the first one is null, drizzle takes the row for one without an outcome.
        const rows = await db
          .select({ prediction: predictions, outcome: { recordedAt, observedOn, label, value, keyId } })
          .from(predictions)
          .leftJoinLateral(latest, sql`true`)
          .where(and(...matching(db, filter), hasSorted(sort), after ? comesAfter(after, sort) : undefined))
          .orderBy(...ORDERS[sort].map((column) => desc(column)))
          .limit(limit);
        return rows.map(({ prediction, outcome }) => ({
          prediction: toPrediction(prediction),
          outcome: outcome && toEntry(outcome),
        }));
      }),

    count: (filter, limit) =>
      orDatabaseUnavailable(async () => {
        const db = database();
        const found = db
          .select({ one: sql`1`.as('one') })
          .from(predictions)
          .where(and(...matching(db, filter)))
          .limit(limit)
          .as('found');
        const [row] = await db.select({ count: count() }).from(found);
        return row?.count ?? 0;
      }),

    find: (id) =>
      orDatabaseUnavailable(async () => {
        const db = database();
        const [[prediction], entries] = await db.batch([
          db.select().from(predictions).where(eq(predictions.id, id)),
          db
            .select()
            .from(outcomes)
            .where(eq(outcomes.predictionId, id))
            .orderBy(...LATEST_FIRST),
        ]);
        return prediction ? { prediction: toPrediction(prediction), outcomes: entries.map(toEntry) } : null;
      }),

    findAll: (ids) =>
      orDatabaseUnavailable(async () => {
        const found: Prediction[] = [];
        for (let start = 0; start < ids.length; start += LOOKED_UP) {
          const some = ids.slice(start, start + LOOKED_UP);
          const rows = await database().select().from(predictions).where(inArray(predictions.id, some));
          found.push(...rows.map(toPrediction));
        }
        return found;
      }),

    putOutcome: (id, observed, keyId) =>
      orDatabaseUnavailable(async () => {
        const { observedOn } = observed;
        const label = 'label' in observed ? observed.label : null;
        const value = 'value' in observed ? observed.value : null;
        const db = database();
        const latest = latestOutcome(db);
        const entry = db
          .select({
            id: sql`${newId()}::uuid`.as('id'),
            predictionId: predictions.id,
            label: sql`${label}::text`.as('label'),
            value: sql`${value}::double precision`.as('value'),
            observedOn: sql`${observedOn}::date`.as('observed_on'),
            // Later than the outcome before, even if the clock that recorded it was ahead.
            recordedAt:
              sql`greatest(${now().toISOString()}::timestamptz, ${latest.recordedAt} + interval '1 millisecond')`.as(
                'recorded_at',
              ),
            keyId: sql`${keyId}::text`.as('key_id'),
          })
          .from(predictions)
          .leftJoinLateral(latest, sql`true`)
          .where(
            and(
              eq(predictions.id, id),
              sql`(${latest.label}, ${latest.value}, ${latest.observedOn}) is distinct from (${label}::text, ${value}::double precision, ${observedOn}::date)`,
            ),
          );
        const [, , [holds]] = await db.batch([
          // The lock lets in one outcome of a prediction at a time. Each statement sees what was committed before it, so the
          // second of two identical requests finds the outcome of the first.
          db.select({ id: predictions.id }).from(predictions).where(eq(predictions.id, id)).for('update'),
          db.insert(outcomes).select(entry),
          db
            .select()
            .from(outcomes)
            .where(eq(outcomes.predictionId, id))
            .orderBy(...LATEST_FIRST)
            .limit(1),
        ]);
        return holds ? toEntry(holds) : null;
      }),

    erase: (id, by) =>
      orDatabaseUnavailable(async () => {
        const db = database();
        const audit = { id: newId(), erasedAt: now(), kind: 'prediction' as const, ...by, madeBefore: null };
        const [, [row]] = await db.batch([
          waitForInserts(db),
          eraseAudited(db, eq(predictions.id, id), { ...audit, predictionId: id, identifier: null }),
        ]);
        return row ? { id: audit.id, erasedAt: audit.erasedAt, predictions: row.predictions } : null;
      }),

    eraseIdentifier: (identifier, by) =>
      orDatabaseUnavailable(async () => {
        const db = database();
        const erasedAt = now();
        const audit = { id: newId(), erasedAt, kind: 'identifier' as const, ...by, madeBefore: erasedAt };
        const [, [row]] = await db.batch([
          waitForInserts(db),
          eraseAudited(
            db,
            eq(predictions.identifier, identifier),
            { ...audit, predictionId: null, identifier },
            { always: true },
          ),
        ]);
        if (!row) throw new Error('the database returned no audit row');
        return { id: audit.id, erasedAt, predictions: row.predictions };
      }),
  };
}

const LATEST_FIRST = [desc(outcomes.recordedAt), desc(outcomes.id)];

/** The latest outcome of the prediction that it is joined to. */
function latestOutcome(database: Database) {
  return database
    .select()
    .from(outcomes)
    .where(eq(outcomes.predictionId, predictions.id))
    .orderBy(...LATEST_FIRST)
    .limit(1)
    .as('latest');
}

function matching(
  database: Database,
  { from, to, modelVersion, label, risk, identifier, hasOutcome }: HistoryFilter,
): SQL[] {
  const observed = database.select({ id: outcomes.id }).from(outcomes).where(eq(outcomes.predictionId, predictions.id));
  return [
    from && gte(predictions.createdAt, from),
    to && lt(predictions.createdAt, to),
    modelVersion !== null && eq(predictions.modelVersion, modelVersion),
    label !== null && eq(predictions.label, label),
    risk !== null && eq(predictions.risk, risk),
    identifier !== null && eq(predictions.identifier, identifier),
    hasOutcome !== null && (hasOutcome ? exists(observed) : notExists(observed)),
  ].filter((condition) => condition !== null && condition !== false);
}

/** The columns of each order, which are those of an index. */
const ORDERS = {
  time: [predictions.createdAt, predictions.id],
  probability: [predictions.probability, predictions.createdAt, predictions.id],
  value: [predictions.value, predictions.createdAt, predictions.id],
} as const;

/** Postgres lists nulls before the highest: a prediction without the sorted field is not listed. */
function hasSorted(sort: HistorySort): SQL | undefined {
  return sort === 'time' ? undefined : isNotNull(predictions[sort]);
}

/** One comparison of rows uses the index of the order; conditions joined by `or` would not. */
function comesAfter({ createdAt, id, sorted }: Cursor, sort: HistorySort): SQL {
  const place = sql`${createdAt.toISOString()}::timestamptz, ${id}::uuid`;
  const columns = sql.join([...ORDERS[sort]], sql`, `);
  return sort === 'time' ? sql`(${columns}) < (${place})` : sql`(${columns}) < (${sorted}::double precision, ${place})`;
}

function toPrediction({
  createdAt,
  modelName: name,
  modelVersion: version,
  modelSha256: sha256,
  contractSha256,
  label,
  probability,
  threshold,
  risk,
  probabilities,
  value,
  unit,
  interval,
  ...row
}: typeof predictions.$inferSelect): Prediction {
  const outcome = toOutcome({ label, probability, threshold, risk, probabilities, value, unit, interval });
  const model = { name, version, sha256, contractSha256 };
  return { ...row, ...outcome, createdAt: createdAt.toISOString(), model };
}

type OutcomeColumns = Pick<
  typeof predictions.$inferSelect,
  'label' | 'probability' | 'threshold' | 'risk' | 'probabilities' | 'value' | 'unit' | 'interval'
>;

/** The constraints of the table leave no other case. */
function toOutcome({ label, probability, threshold, risk, ...rest }: OutcomeColumns): Outcome {
  const { probabilities, value, unit, interval } = rest;
  if (value !== null)
    return { value, ...(unit !== null && { unit }), ...(interval && { interval }), ...(risk !== null && { risk }) };
  if (label === null || probability === null) throw new Error('a stored prediction has no outcome');
  if (probabilities) return { label, probability, probabilities };
  if (threshold === null || risk === null) throw new Error('a stored prediction has no threshold or no risk');
  return { label, probability, threshold, risk };
}

function toEntry({
  label,
  value,
  observedOn,
  recordedAt,
  keyId,
}: Pick<typeof outcomes.$inferSelect, 'label' | 'value' | 'observedOn' | 'recordedAt' | 'keyId'>): OutcomeEntry {
  const rest = { observedOn, recordedAt: recordedAt.toISOString(), keyId };
  if (label !== null) return { label, ...rest };
  if (value === null) throw new Error('a stored outcome has neither a label nor a value');
  return { value, ...rest };
}
