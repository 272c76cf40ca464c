import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANY } from '../../../common/test/prediction.ts';
import { openTestDatabase } from '../../../tests/kit/test-database.ts';
import { connect, type Database } from '../../../workers/store/database.ts';
import { createHistory } from '../../../workers/store/history.ts';
import { deleteIdempotencyKeys, erasePredictions } from '../../../workers/store/history-retention.ts';
import { insertPredictions } from '../../../workers/store/insert-predictions.ts';
import { applyMigrations } from './migrations.ts';
import { type Backend, type NeonEndpoint, type RunQuery, startNeonEndpoint } from './neon-endpoint.ts';

/** With this many rows Postgres prefers an index to reading all, so its plan shows a missing index. */
const ROWS = 30_000;

/**
 * Two versions and three bands, of which one each is rare; one prediction in ten has an outcome. One a minute from
 * 2026-01-01, about 1,500 employees.
 */
const FILL = `
  insert into predictions (id, created_at, identifier, model_name, model_version, model_sha256, input, label, probability,
    threshold, risk, warnings)
  select gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 minute', n % 1500 + 1, 'made-up',
    case when n % 400 = 0 then '1.1.0' else '1.0.0' end, repeat(case when n % 400 = 0 then 'a' else 'b' end, 64),
    jsonb_build_object('age', n % 50, 'note', repeat('x', 300)), case when n % 6 = 0 then 'leaves' else 'stays' end, 0.5, 0.5,
    case when n % 1000 = 0 then 'high' when n % 4 = 0 then 'medium' else 'low' end, '[]'
  from generate_series(1, ${ROWS}) n;
  insert into outcomes (id, prediction_id, label, observed_on, recorded_at)
  select gen_random_uuid(), id, 'leaves', '2026-02-01', '2026-02-01' from predictions where identifier % 10 = 0;
  insert into erasures (id, erased_at, kind, identifier, made_before, predictions)
  select gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 minute', 'identifier', 100000 + n, '2026-01-01', 0
  from generate_series(1, 5000) n;
  insert into idempotency_keys (key, fingerprint, model, claimed_at)
  select md5(n::text) || md5('a' || n), repeat('f', 64), 'made-up/1.0.0', timestamptz '2026-01-01' + n * interval '1 minute'
  from generate_series(1, ${ROWS}) n`;

let endpoint: NeonEndpoint;
let backend: Backend;
/** What was asked of the database since a test began. */
let asked: { query: string; params: unknown[] }[] = [];
beforeAll(async () => {
  backend = await openTestDatabase();
  const listen =
    (run: RunQuery): RunQuery =>
    (query, params) => {
      asked.push({ query, params });
      return run(query, params);
    };
  endpoint = await startNeonEndpoint({
    query: listen(backend.query),
    transaction: (modes, work) => backend.transaction(modes, (run) => work(listen(run))),
    close: () => backend.close(),
  });
  await applyMigrations(endpoint.databaseUrl);
  for (const statement of FILL.split(';')) await backend.query(statement, []);
  await backend.query('analyze', []);
});
afterAll(() => endpoint.close());

/** The plans of the queries that `work` makes, without locks and other statements that read no table. */
async function plansOf(work: () => Promise<unknown>): Promise<string> {
  asked = [];
  await work();
  const plans: string[] = [];
  for (const { query, params } of asked) {
    if (query.includes('advisory')) continue;
    const { rows } = await backend.query(`explain (costs off) ${query}`, params);
    plans.push(rows.map(([line]) => line).join('\n'));
  }
  return plans.join('\n\n');
}

const database = (): Database => connect(endpoint.databaseUrl)();
const history = createHistory(database, { now: () => new Date('2026-03-01T00:00:00Z'), newId: uuidv7 });
type HistoryFilter = Parameters<ReturnType<typeof createHistory>['list']>[0];
const AT = new Date('2026-01-10T00:00:00Z');
const AFTER = { createdAt: AT, id: uuidv7(), sorted: 0.5 };
const BY = { keyId: null, requestId: 'r1' };
const ID = uuidv7();

function retention() {
  const audit = {
    id: uuidv7(),
    erasedAt: AT,
    kind: 'retention' as const,
    keyId: null,
    requestId: null,
    predictionId: null,
    identifier: null,
  };
  return { ...audit, madeBefore: new Date('2026-01-01T01:00:00Z') };
}

/** The plans of the list, of a page of it, and of an export's next thousand: an index of `predictions` for each. */
const LISTS: [title: string, filter: Partial<HistoryFilter>, index: string][] = [
  ['all', {}, 'predictions_history'],
  ['from a time', { from: AT }, 'predictions_history'],
  ['until a time', { to: AT }, 'predictions_history'],
  ['between two times', { from: AT, to: new Date('2026-01-11') }, 'predictions_history'],
  ['an employee', { identifier: 7 }, 'predictions_identifier_history'],
  ['an employee, with a label', { identifier: 7, label: 'leaves' }, 'predictions_identifier_history'],
  ['an unknown employee', { identifier: 999_999 }, 'predictions_identifier_history'],
  ['the version of most', { modelVersion: '1.0.0' }, 'predictions_history'],
  ['a rare version', { modelVersion: '1.1.0' }, 'predictions_version_history'],
  ['an unknown version', { modelVersion: '9.9.9' }, 'predictions_version_history'],
  ['a frequent label', { label: 'leaves' }, 'predictions_history'],
  ['an unknown label', { label: 'other' }, 'predictions_label_history'],
  ['a frequent band', { risk: 'low' }, 'predictions_history'],
  ['a rare band', { risk: 'high' }, 'predictions_risk_history'],
  ['an unknown band', { risk: 'other' }, 'predictions_risk_history'],
  ['no known outcome', { hasOutcome: false }, 'predictions_history'],
  ['an unknown band from a time', { risk: 'other', from: AT }, 'predictions_risk_history'],
];

describe('the plan of the history', () => {
  it.each(LISTS)('of %s begins with an index', async (_title, filter, index) => {
    const plan = await plansOf(() => history.list({ ...ANY, ...filter }, null, 50));
    expect(plan).not.toContain('Seq Scan');
    expect(plan).toMatch(new RegExp(`using ${index} on predictions|on ${index}\\b`));
    expect(plan).toMatch(/outcomes_prediction on outcomes/);
  });

  it.each(LISTS)('of %s goes on after a cursor by an index, also for an export', async (_title, filter) => {
    for (const limit of [50, 1000]) {
      const plan = await plansOf(() => history.list({ ...ANY, ...filter }, AFTER, limit));
      expect(plan, String(limit)).not.toContain('Seq Scan on predictions');
      expect(plan, String(limit)).toMatch(/(using|on) predictions_\w+/);
    }
  });
});

it('the plan of the history by probability begins and goes on by its index', async () => {
  for (const after of [null, AFTER]) {
    for (const limit of [50, 1000]) {
      const plan = await plansOf(() => history.list(ANY, after, limit, 'probability'));
      expect(plan).toContain('Index Scan Backward using predictions_probability_history on predictions');
      expect(plan).not.toContain('Seq Scan on predictions');
    }
  }
});

it('the plan of the history with known outcomes begins with an index, for a page', async () => {
  for (const after of [null, AFTER]) {
    const plan = await plansOf(() => history.list({ ...ANY, hasOutcome: true }, after, 50));
    expect(plan).not.toContain('Seq Scan');
  }
});

describe('the plan', () => {
  it.each<[title: string, work: () => Promise<unknown>, indexes: string[]]>([
    ['of one prediction', () => history.find(ID), ['predictions_pkey', 'outcomes_prediction']],
    ['of many ids', () => history.findAll(Array.from({ length: 2000 }, () => uuidv7())), ['predictions_pkey']],
    [
      'of an outcome',
      () => history.putOutcome(ID, { label: 'stays', observedOn: '2026-02-01' }, null),
      ['predictions_pkey', 'outcomes_prediction'],
    ],
    ['of an erasure', () => history.erase(ID, BY), ['predictions_pkey']],
    ['of an erasure by employee', () => history.eraseIdentifier(7, BY), ['predictions_identifier_history']],
    [
      'of the retention',
      () => erasePredictions(database(), retention(), 1000),
      ['predictions_history', 'predictions_pkey'],
    ],
    [
      'of old idempotency keys',
      () => deleteIdempotencyKeys(database(), new Date('2026-01-01T01:00:00Z'), 1000),
      ['idempotency_keys_claimed_at'],
    ],
    [
      'of what is stored after it was erased',
      () => insertPredictions(database, [made()]),
      ['predictions_pkey', 'erasures_prediction', 'erasures_identifier'],
    ],
  ])('%s reads no table of predictions whole', async (_title, work, indexes) => {
    const plan = await plansOf(work);
    expect(plan).not.toMatch(/Seq Scan on (predictions|outcomes|idempotency_keys)/);
    for (const index of indexes) expect(plan).toContain(index);
  });
});

function made() {
  return {
    id: uuidv7(),
    createdAt: '2026-02-01T00:00:00.000Z',
    identifier: 7,
    keyId: null,
    model: { name: 'made-up', version: '1.0.0', sha256: 'b'.repeat(64), contractSha256: null },
    input: { age: 41 },
    label: 'leaves',
    probability: 0.625,
    threshold: 0.5,
    risk: 'low',
    warnings: [],
  };
}
