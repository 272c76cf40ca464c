import { beforeAll, describe, expect, it, vi } from 'vitest';
import { PredictionDetail, PredictionPage } from '../../common/api/answers.ts';
import { binary } from '../../common/test/binary.ts';
import { sha256Hex } from '../sha256.ts';
import { get, postJson, readAnswer, readProblem, send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, exampleInput, type ModelFiles, readModel } from '../test/models.ts';
import { made, store } from '../test/predictions.ts';

const UNKNOWN = '01a2088d-f1d4-7155-ad9e-59a6147c005e';
const DOWN = { DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' };

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

async function readPage(response: Response): Promise<PredictionPage> {
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return PredictionPage.parse(await response.json());
}

/** The rule of each parameter that a request is refused for. */
async function refusedFor(path: string): Promise<string[]> {
  const { errors } = await readProblem(await send(get(path)), 422, 'invalid-query');
  return (errors ?? []).map(({ fields, rule }) => `${fields.join('+')}: ${rule}`);
}

describe('GET /v1/predictions', () => {
  it('lists predictions, the newest first, with warnings and outcome as elsewhere', async () => {
    const identifier = 75_000_001;
    const message = { fr: 'Hors.', en: 'Outside.' };
    const older = made({ identifier, createdAt: '2026-11-01T10:00:00.000Z' });
    const newer = made({
      identifier,
      createdAt: '2026-11-01T10:00:00.001Z',
      warnings: [{ fields: ['age'], code: 'outside-training-range', message }],
    });
    await store(older, newer);
    const { items, nextCursor } = await readPage(await send(get(`/v1/predictions?identifier=${identifier}`)));
    expect(items).toEqual([
      {
        ...newer,
        warnings: [{ fields: ['age'], code: 'outside-training-range', detail: 'Outside.' }],
        outcome: null,
      },
      { ...older, outcome: null },
    ]);
    expect(nextCursor).toBeNull();
  });

  it('has no digest of the contract where none was kept when the prediction was recorded', async () => {
    const identifier = 75_000_009;
    const model = { ...made().model, contractSha256: null };
    const prediction = made({ identifier, model });
    await store(prediction);
    const { items } = await readPage(await send(get(`/v1/predictions?identifier=${identifier}`)));
    expect(items).toMatchObject([{ model }]);
    const single = await send(get(`/v1/predictions/${prediction.id}`));
    expect(await single.json()).toMatchObject({ model });
  });

  it('goes through everything once, page by page, although all have the same time', async () => {
    const identifier = 75_000_002;
    const all = Array.from({ length: 6 }, () => made({ identifier, createdAt: '2026-11-02T10:00:00.000Z' }));
    await store(...all);
    const pages: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path = `/v1/predictions?identifier=${identifier}&limit=2${cursor && `&cursor=${cursor}`}`;
      const page: PredictionPage = await readPage(await send(get(path)));
      pages.push(page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      // A page in the making is not disturbed by what is stored meanwhile.
      await store(made({ identifier, createdAt: '2026-11-03T10:00:00.000Z' }));
    }
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2]);
    expect(pages.flat()).toEqual(
      all
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
  });

  it('finds an identifier as a record or a file spells it, and erases by it', async () => {
    const identifier = 75_000_010;
    const prediction = made({ identifier });
    await store(prediction);
    for (const spelling of [`E_${identifier}`, `${identifier}.0`, `000${identifier}`, `%20${identifier},0`]) {
      const { items } = await readPage(await send(get(`/v1/predictions?identifier=${spelling}`)));
      expect(items.map(({ id }) => id)).toEqual([prediction.id]);
      const exported = await (await send(get(`/v1/predictions/export?identifier=${spelling}`))).text();
      expect(exported).toContain(prediction.id);
    }
    expect(await refusedFor(`/v1/predictions?identifier=F_${identifier}`)).toEqual(['identifier: identifier']);
    const erasing = new Request(`http://localhost/v1/predictions?identifier=E_${identifier}`, { method: 'DELETE' });
    expect(await (await send(erasing)).json()).toMatchObject({ predictions: 1 });
  });

  it('lists 50, or as many as are asked for', async () => {
    const identifier = 75_000_003;
    await store(...Array.from({ length: 201 }, () => made({ identifier })));
    const count = async (limit: string) =>
      (await readPage(await send(get(`/v1/predictions?identifier=${identifier}${limit}`)))).items.length;
    expect([await count(''), await count('&limit=200'), await count('&limit=1')]).toEqual([50, 200, 1]);
  });

  it('filters by day, version, label and risk', async () => {
    const identifier = 75_000_004;
    const [first, second] = [
      made({ identifier, createdAt: '2026-11-04T23:59:59.999Z', label: 'stays', risk: 'low' }),
      made({
        identifier,
        createdAt: '2026-11-05T00:00:00.000Z',
        model: { name: 'made-up', version: '9.8.7', sha256: 'c'.repeat(64), contractSha256: null },
      }),
    ];
    await store(first, second);
    const found = async (query: string) =>
      (await readPage(await send(get(`/v1/predictions?identifier=${identifier}&${query}`)))).items.map(({ id }) => id);
    expect(await found('from=2026-11-05')).toEqual([second.id]);
    expect(await found('to=2026-11-05')).toEqual([first.id]);
    expect(await found('from=2026-11-05T00:59:59.999%2B01:00&to=2026-11-05')).toEqual([first.id]);
    expect(await found('version=9.8.7')).toEqual([second.id]);
    expect(await found('label=stays&risk=low')).toEqual([first.id]);
    expect(await found('label=stays&risk=high')).toEqual([]);
  });

  it('lists the highest probability first where asked to, and takes no cursor of another order', async () => {
    const identifier = 75_000_012;
    const all = [0.2, 0.9, 0.30000000000000004, 0.9].map((probability) => made({ identifier, probability }));
    await store(...all);
    const address = `/v1/predictions?identifier=${identifier}&limit=3`;
    const first = await readPage(await send(get(`${address}&sort=probability`)));
    expect(first.items.map((it) => binary(it).probability)).toEqual([0.9, 0.9, 0.30000000000000004]);
    const second = await readPage(await send(get(`${address}&sort=probability&cursor=${first.nextCursor}`)));
    expect([second.items.map((it) => binary(it).probability), second.nextCursor]).toEqual([[0.2], null]);
    expect(await refusedFor(`${address}&cursor=${first.nextCursor}`)).toEqual(['cursor: cursor']);
    const byTime = await readPage(await send(get(address)));
    expect(await refusedFor(`${address}&sort=probability&cursor=${byTime.nextCursor}`)).toEqual(['cursor: cursor']);
    const csv = await (await send(get(`/v1/predictions/export?identifier=${identifier}&sort=probability`))).text();
    const lines = csv.trimEnd().split('\r\n').slice(1);
    expect(lines.map((line) => all.findIndex(({ id }) => line.includes(id))).at(-1)).toBe(0);
    expect(lines).toHaveLength(4);
  });

  it('filters by whether an outcome is known, and counts what matches on all pages', async () => {
    const identifier = 75_000_011;
    const { name, version, graph } = model.contract;
    const of = { name, version, sha256: graph.sha256, contractSha256: null };
    const createdAt = new Date().toISOString();
    const all = Array.from({ length: 5 }, () => made({ identifier, createdAt, model: of }));
    await store(...all);
    const known = all.slice(1, 3).map(({ id }) => id);
    for (const id of [...known, ...known]) {
      const outcome = { label: 'leaves', observedOn: new Date().toISOString().slice(0, 10) };
      const path = `http://localhost/v1/predictions/${id}/outcome`;
      await send(
        new Request(path, {
          method: 'PUT',
          body: JSON.stringify(outcome),
          headers: { 'content-type': 'application/json' },
        }),
      );
    }
    const page = async (query: string) =>
      readPage(await send(get(`/v1/predictions?identifier=${identifier}&count=true&${query}`)));
    const ids = ({ items }: PredictionPage) => items.map(({ id }) => id).toSorted();
    expect(await page('limit=1')).toMatchObject({ total: { count: 5, isExact: true } });
    const found = await page('outcome=known');
    expect([ids(found), found.total]).toEqual([known.toSorted(), { count: 2, isExact: true }]);
    const others = await page('outcome=unknown&limit=2');
    expect([others.items.length, others.total]).toEqual([2, { count: 3, isExact: true }]);
    expect(others.items.every(({ outcome }) => outcome === null)).toBe(true);
    const next = await page(`outcome=unknown&limit=2&cursor=${others.nextCursor}`);
    expect([next.items.length, next.nextCursor, next.total]).toEqual([1, null, { count: 3, isExact: true }]);
    expect(await readPage(await send(get(`/v1/predictions?identifier=${identifier}`)))).not.toHaveProperty('total');
    const csv = await (await send(get(`/v1/predictions/export?identifier=${identifier}&outcome=known`))).text();
    expect(csv.trimEnd().split('\r\n')).toHaveLength(3);
  });

  it.each(['label', 'risk'])('takes SQL in %s as text', async (name) => {
    for (const hostile of ["' or true --", "'; drop table predictions; --", '%', '\\', '$1', '🙂']) {
      const page = await readPage(await send(get(`/v1/predictions?${name}=${encodeURIComponent(hostile)}`)));
      expect(page.items).toEqual([]);
    }
  });

  it.each([
    ["from=2026-01-01'--", 'from: time'],
    ["to=now()'", 'to: time'],
    ["version=1.0.0' or true --", 'version: version'],
    ['identifier=7 or true', 'identifier: identifier'],
    ['limit=1; drop table predictions', 'limit: limit'],
    ['outcome=any', 'outcome: outcome'],
    ['count=1', 'count: count'],
    ['sort=risk', 'sort: sort'],
    ['cursor=1; drop table predictions', 'cursor: cursor'],
    ['label=a%00', 'label: text'],
    ['offset=1', 'offset: unknown-parameter'],
    ['label=a&label=b', 'label: given-once'],
    ['cursor=', 'cursor: cursor'],
    ['label=%E0%A4%A', 'label: escape'],
    ['identifier=7&risk=%', 'risk: escape'],
    ['label=a&%zz=1', '%zz: escape'],
    ['label=%ff', 'label: escape'],
  ])('refuses %s', async (query, expected) => {
    expect(await refusedFor(`/v1/predictions?${query}`)).toEqual([expected]);
  });

  it('refuses a cursor that was tampered with', async () => {
    const encode = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, '');
    const genuine = encode(['2026-11-05T00:00:00.000Z', UNKNOWN]);
    expect((await send(get(`/v1/predictions?cursor=${genuine}&limit=1`))).status).toBe(200);
    for (const cursor of [
      '',
      `${genuine}A`,
      genuine.slice(0, -1),
      genuine.replace('W', 'X'),
      `${genuine}==`,
      encode(['2026-11-05T00:00:00.000Z', `${UNKNOWN}' or true`]),
      encode(['2026-11-05T00:00:00Z', UNKNOWN]),
      encode(['0000-11-05T00:00:00.000Z', UNKNOWN]),
      encode(['2026-11-05T00:00:00.000Z', UNKNOWN, 1]),
      encode({ createdAt: '2026-11-05T00:00:00.000Z', id: UNKNOWN }),
      encode(null),
    ]) {
      expect(await refusedFor(`/v1/predictions?cursor=${encodeURIComponent(cursor)}`), cursor).toEqual([
        'cursor: cursor',
      ]);
    }
  });

  it('answers 503 while the database cannot be reached, and 404 where nothing is recorded', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const response = await newIsolate(DOWN)(get('/v1/predictions'));
    expect([response.headers.get('retry-after'), response.headers.get('cache-control')]).toEqual(['5', 'no-store']);
    await readProblem(response, 503, 'database-unavailable');
    await readProblem(await newIsolate(WITHOUT_RECORDING)(get('/v1/predictions')), 404, 'history-unavailable');
  });

  it('leaves what is asked for out of the log', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    await newIsolate()(get('/v1/predictions?identifier=75000005&label=secret-label'));
    await newIsolate()(get('/v1/predictions?identifier=75000005&identifier=75000005'));
    const lines = info.mock.calls.flat();
    expect(lines.filter((line) => String(line).includes('"route":"/v1/predictions"'))).toHaveLength(2);
    expect(lines.join()).not.toMatch(/75000005|secret-label/);
  });
});

describe('GET /v1/predictions/{id}', () => {
  it('returns what was answered, and the record it was answered to, within 5 s', async () => {
    const input = { ...exampleInput(model, 2), revenu_mensuel: 30_000 };
    const answer = await readAnswer(await send(postJson('/v1/predict', { ...input, eval_number: 'E_12' })));
    const stored = await vi.waitFor(
      async () => {
        const response = await send(get(`/v1/predictions/${answer.id}`));
        expect(response.status).toBe(200);
        return PredictionDetail.parse(await response.json());
      },
      { timeout: 5000, interval: 100 },
    );
    expect(stored).toMatchObject({
      id: answer.id,
      identifier: 12,
      input,
      label: answer.label,
      probability: answer.probability,
      threshold: answer.threshold,
      risk: answer.risk,
      model: {
        name: answer.model.name,
        version: answer.model.version,
        sha256: model.contract.graph.sha256,
        contractSha256: await sha256Hex(model.contractJson),
      },
      outcome: null,
      outcomes: [],
    });
    expect(stored.warnings).toEqual(answer.warnings);
    expect(stored.warnings.map(({ code }) => code)).toContain('outside-training-range');
    expect(Math.abs(Date.parse(stored.createdAt) - Date.now())).toBeLessThan(60_000);
  });

  it('answers 404 for an id that was never given', async () => {
    await readProblem(await send(get(`/v1/predictions/${UNKNOWN}`)), 404, 'prediction-not-found');
  });

  it.each(['1%27%20or%20true', `${UNKNOWN}%27--`, 'export%00', '%F0%9F%99%82', '00000000'])(
    'answers 422 for what is no id: %s',
    async (id) => {
      await readProblem(await send(get(`/v1/predictions/${id}`)), 422, 'invalid-id');
    },
  );

  it('answers 503, without the cause, while the database cannot be reached', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate(DOWN);
    const problem = await readProblem(await isolate(get(`/v1/predictions/${UNKNOWN}`)), 503, 'database-unavailable');
    expect(JSON.stringify(problem)).not.toMatch(/127\.0\.0\.1|secret-word|select/);
    expect(error.mock.calls.flat().join()).toContain('database-unavailable');
    expect(error.mock.calls.flat().join()).not.toContain('secret-word');
    const ready = await isolate(get('/health/ready'));
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { model: { status: 'ok' }, database: { status: 'failed' } } });
  });

  it('answers 404 where nothing is recorded', async () => {
    await readProblem(
      await newIsolate(WITHOUT_RECORDING)(get(`/v1/predictions/${UNKNOWN}`)),
      404,
      'history-unavailable',
    );
  });
});
