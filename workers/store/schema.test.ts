import { env } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { BinaryPrediction } from '../../common/test/prediction.ts';
import { made } from '../test/predictions.ts';
import { connect } from './database.ts';
import { insertPredictions } from './insert-predictions.ts';
import { databaseErrorOf } from './neon-client.ts';
import { erasures, models, outcomes, predictions } from './schema.ts';

const database = connect(env.DATABASE_URL ?? '');

/** The constraint that refuses a prediction; undefined where it is stored. */
async function refusalOf(prediction: BinaryPrediction): Promise<string | undefined> {
  const reason = (await insertPredictions(database, [prediction])).get(prediction);
  return databaseErrorOf(reason)?.constraint;
}

const version = (number: string, sha256: string, name = 'schema-test') => ({
  name,
  version: number,
  sha256,
  contractSha256: null,
});
/** The same version, and a contract. */
const contracted = (number: string, contractSha256: string | null) => ({ ...version(number, ONE), contractSha256 });
const ONE = '1'.repeat(64);
const OTHER = '2'.repeat(64);

const refusedPredictions: [constraint: string, changes: Partial<BinaryPrediction>][] = [
  ['predictions_probability_range', { probability: 1.0000001 }],
  ['predictions_probability_range', { probability: -1e-9 }],
  ['predictions_threshold_range', { threshold: 1.0000001 }],
  ['predictions_threshold_range', { threshold: -1e-9 }],
  ['predictions_identifier_positive', { identifier: 0 }],
  ['predictions_label_given', { label: '' }],
  ['predictions_risk_given', { risk: '' }],
  ['models_name_given', { model: version('1.0.0', ONE, '') }],
  ['models_version_format', { model: version('1.0', ONE) }],
  ['models_sha256_format', { model: version('1.0.0', ONE.slice(1)) }],
  ['models_sha256_format', { model: version('1.0.0', 'A'.repeat(64)) }],
  ['models_contract_sha256_format', { model: contracted('1.0.0', ONE.slice(1)) }],
  ['models_contract_sha256_format', { model: contracted('1.0.0', 'A'.repeat(64)) }],
];
const NO_LABEL = { label: null, probability: null, threshold: null };
const refusedRows: [constraint: string, changes: object][] = [
  ['predictions_input_object', { input: [] }],
  ['predictions_warnings_array', { warnings: {} }],
  ['predictions_outcome_whole', { label: null }],
  ['predictions_outcome_whole', { threshold: null }],
  ['predictions_outcome_whole', { value: 1 }],
  ['predictions_outcome_whole', { probabilities: { a: 1 } }],
  ['predictions_value_finite', { ...NO_LABEL, value: Number.POSITIVE_INFINITY }],
  ['predictions_probabilities_object', { threshold: null, probabilities: [] }],
  ['predictions_interval_object', { ...NO_LABEL, value: 1, interval: [] }],
];

describe('a prediction', () => {
  it.each(refusedPredictions)('is refused by %s: %j', async (constraint, changes) => {
    expect(await refusalOf(made(changes))).toBe(constraint);
  });

  it.each<Partial<BinaryPrediction>>([
    { probability: 0 },
    { probability: 1 },
    { threshold: 0 },
    { threshold: 1 },
    { identifier: null },
    { identifier: 1 },
    { label: 'é' },
  ])('is stored with %j', async (changes) => {
    expect(await refusalOf(made(changes))).toBeUndefined();
  });

  it('is stored once, as it came first', async () => {
    const first = made({ label: 'first' });
    await insertPredictions(database, [first]);
    expect(await refusalOf({ ...first, label: 'second' })).toBeUndefined();
    const rows = await database().select().from(predictions).where(eq(predictions.id, first.id));
    expect(rows.map(({ label }) => label)).toEqual(['first']);
  });

  it.each(refusedRows)('that is not made here is refused by %s', async (constraint, changes) => {
    const { createdAt, model, ...rest } = made();
    const row = { modelName: model.name, modelVersion: model.version, modelSha256: model.sha256, ...rest, ...changes };
    const insert = database()
      .insert(predictions)
      .values({ ...row, createdAt: new Date(createdAt) });
    await expect(insert).rejects.toMatchObject({ cause: { constraint } });
  });
});

const refusedOutcomes: [constraint: string, changes: object][] = [
  ['outcomes_label_given', { label: '' }],
  ['outcomes_one_given', { label: null }],
  ['outcomes_one_given', { value: 1 }],
  ['outcomes_value_finite', { label: null, value: Number.NEGATIVE_INFINITY }],
  ['outcomes_prediction_id_predictions_id_fk', { predictionId: crypto.randomUUID() }],
];
const refusedErasures: [constraint: string, changes: object][] = [
  ['erasures_predictions_counted', { predictions: -1 }],
  ['erasures_kind', { kind: 'whim' }],
];

describe('an outcome', () => {
  const outcomeOf = (predictionId: string) => ({
    id: crypto.randomUUID(),
    predictionId,
    label: 'leaves',
    observedOn: '2026-01-31',
    recordedAt: new Date(),
    keyId: null,
  });

  it.each(refusedOutcomes)('is refused by %s: %j', async (constraint, changes) => {
    const prediction = made();
    await insertPredictions(database, [prediction]);
    const insert = database()
      .insert(outcomes)
      .values({ ...outcomeOf(prediction.id), ...changes });
    await expect(insert).rejects.toMatchObject({ cause: { constraint } });
  });

  it('goes with its prediction', async () => {
    const prediction = made();
    await insertPredictions(database, [prediction]);
    await database().insert(outcomes).values(outcomeOf(prediction.id));
    await database().delete(predictions).where(eq(predictions.id, prediction.id));
    expect(await database().select().from(outcomes).where(eq(outcomes.predictionId, prediction.id))).toEqual([]);
  });
});

describe('the audit of an erasure', () => {
  const erasure = { id: crypto.randomUUID(), erasedAt: new Date(), kind: 'identifier' as const, predictions: 0 };

  it.each(refusedErasures)('is refused by %s: %j', async (constraint, changes) => {
    const insert = database()
      .insert(erasures)
      .values({ ...erasure, ...changes });
    await expect(insert).rejects.toMatchObject({ cause: { constraint } });
  });

  it('may be of no prediction', async () => {
    await database().insert(erasures).values(erasure);
    expect(await database().select().from(erasures).where(eq(erasures.id, erasure.id))).toHaveLength(1);
  });
});

describe('every constraint', () => {
  it('of the schema is one that these tests break', async () => {
    const { rows } = await database().execute(
      sql`select conname from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f')`,
    );
    const broken = [refusedPredictions, refusedRows, refusedOutcomes, refusedErasures].flat().map(([name]) => name);
    expect(rows.map(({ conname }) => conname).toSorted()).toEqual([...new Set(broken)].toSorted());
  });
});

describe('every column', () => {
  it('but these must be given', async () => {
    const { rows } = await database().execute(
      sql`select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'public' and is_nullable = 'YES'`,
    );
    expect(rows.map(({ name }) => name).toSorted()).toEqual([
      'erasures.identifier',
      'erasures.key_id',
      'erasures.made_before',
      'erasures.prediction_id',
      'erasures.request_id',
      'models.contract_sha256',
      'outcomes.key_id',
      'outcomes.label',
      'outcomes.value',
      'predictions.contract_sha256',
      'predictions.identifier',
      'predictions.interval',
      'predictions.key_id',
      'predictions.label',
      'predictions.probabilities',
      'predictions.probability',
      'predictions.risk',
      'predictions.threshold',
      'predictions.unit',
      'predictions.value',
    ]);
  });
});

describe('every table', () => {
  it('has one row of each key', async () => {
    const { rows } = await database().execute(
      sql`select conrelid::regclass::text as name, pg_get_constraintdef(oid) as key from pg_constraint
        where connamespace = 'public'::regnamespace and contype in ('p', 'u')`,
    );
    expect(rows.map(({ name, key }) => `${name}: ${key}`).toSorted()).toEqual([
      'erasures: PRIMARY KEY (id)',
      'idempotency_keys: PRIMARY KEY (key)',
      'models: PRIMARY KEY (name, version)',
      'outcomes: PRIMARY KEY (id)',
      'predictions: PRIMARY KEY (id)',
    ]);
  });

  it('has no trigger but the one that knows the models of predictions', async () => {
    const { rows } = await database().execute(
      sql`select tgrelid::regclass::text as name, tgname from pg_trigger where not tgisinternal and tgenabled = 'O'`,
    );
    expect(rows.map(({ name, tgname }) => `${name}: ${tgname}`)).toEqual(['predictions: predictions_record_models']);
  });
});

describe('a model version', () => {
  const recorded = () => database().select().from(models).where(eq(models.name, 'schema-test'));

  it('is known from its first prediction on, also an old one that comes late', async () => {
    expect(await refusalOf(made({ model: version('2.0.0', ONE) }))).toBeUndefined();
    expect(await refusalOf(made({ model: version('1.9.0', OTHER) }))).toBeUndefined();
    expect(await refusalOf(made({ model: version('2.0.0', ONE) }))).toBeUndefined();
    expect(await recorded()).toEqual(expect.arrayContaining([version('2.0.0', ONE), version('1.9.0', OTHER)]));
  });

  it('never has two sha256, neither over time nor in one batch', async () => {
    const [first, second] = [made({ model: version('3.0.0', ONE) }), made({ model: version('3.0.0', OTHER) })];
    expect(await refusalOf(first)).toBeUndefined();
    expect(await refusalOf(second)).toBe('models_one_sha256');
    const mixed = [first, second].map(({ model }) => made({ model: { ...model, version: '3.0.1' } }));
    expect((await insertPredictions(database, mixed)).size).toBe(1);
    expect((await recorded()).filter(({ version: number }) => number.startsWith('3.0.'))).toHaveLength(2);
  });

  const contractOf = async (number: string) => (await recorded()).find((it) => it.version === number)?.contractSha256;

  it('never has two contracts, neither over time nor in one batch', async () => {
    const [first, second] = [made({ model: contracted('5.0.0', ONE) }), made({ model: contracted('5.0.0', OTHER) })];
    expect(await refusalOf(first)).toBeUndefined();
    expect(await refusalOf(second)).toBe('models_one_contract_sha256');
    expect(await contractOf('5.0.0')).toBe(ONE);
    const mixed = [OTHER, ONE, OTHER].map((it, i) =>
      made({ model: contracted('5.0.1', it), createdAt: `2026-01-0${i + 1}T00:00:00.000Z` }),
    );
    expect([...(await insertPredictions(database, mixed)).keys()]).toEqual([mixed[1]]);
    expect(await contractOf('5.0.1')).toBe(OTHER);
  });

  it('gets its contract from the first prediction that says it, and takes late ones of older code', async () => {
    const digests = [null, null, ONE, null, ONE];
    for (const it of digests) expect(await refusalOf(made({ model: contracted('5.1.0', it) }))).toBeUndefined();
    expect(await contractOf('5.1.0')).toBe(ONE);
    const rows = await database().select().from(predictions).where(eq(predictions.modelVersion, '5.1.0'));
    expect(rows.map(({ contractSha256 }) => contractSha256).toSorted()).toEqual(digests.toSorted());
    expect(await refusalOf(made({ model: contracted('5.1.0', OTHER) }))).toBe('models_one_contract_sha256');
  });

  it('keeps nothing of a batch that is refused', async () => {
    const model = version('4.0.0', ONE);
    expect(await refusalOf(made({ model, label: '' }))).toBe('predictions_label_given');
    expect((await recorded()).map(({ version: number }) => number)).not.toContain('4.0.0');
  });
});
