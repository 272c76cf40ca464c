import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Prediction } from '../../common/history/prediction.ts';
import { createCsvReader } from '../../common/tables/csv-reader.ts';
import { sha256Hex } from '../sha256.ts';
import { get, readProblem, type Send, send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, type ModelFiles, readModel } from '../test/models.ts';
import { made, store } from '../test/predictions.ts';
import { countRequests, ownDatabaseUrl } from '../test/requests.ts';

const CONTRACT_SHA256 = await sha256Hex((await readModel()).contractJson);
const DAY = new Date().toISOString().slice(0, 10);

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

const DATABASE_URL = ownDatabaseUrl();
const isolate: Send = (request) => newIsolate({ DATABASE_URL })(request);
const path = (identifier: number) => `/v1/predictions/export?identifier=${identifier}`;

/** The lines of a table as records by column. */
function readTable(text: string): { columns: string[]; records: Record<string, string>[] } {
  const reader = createCsvReader();
  const [first, ...items] = [...reader.push(text), ...reader.end()];
  if (!first || !('names' in first)) throw new Error('the table has no header');
  const records = items.map((item) => {
    if (!('cells' in item)) throw new Error(`line ${item.line} is no row`);
    return Object.fromEntries(item.cells.map((cell, i) => [first.names[i], cell]));
  });
  return { columns: first.names, records };
}

async function storeMany(identifier: number, count: number): Promise<Prediction[]> {
  const many = Array.from({ length: count }, (_, i) =>
    made({ identifier, createdAt: new Date(Date.UTC(2026, 10, 1) - Math.floor(i / 3)).toISOString() }),
  );
  await store(...many);
  return many;
}

describe('GET /v1/predictions/export', () => {
  it('is a table of what was answered, to what, and what happened', async () => {
    const identifier = 77_000_001;
    const { name, version, graph, output } = model.contract;
    const label = output.negative.value;
    const { fields, message } = { fields: ['departement', 'poste'], message: { fr: 'Jamais vu.', en: 'Never seen.' } };
    const prediction = made({
      identifier,
      keyId: 'hr',
      model: { name, version, sha256: graph.sha256, contractSha256: CONTRACT_SHA256 },
      warnings: [
        { fields: ['age'], code: 'outside-training-range', message },
        { fields, code: 'unseen-combination', message },
      ],
    });
    await store(prediction);
    const outcome = await send(
      new Request(`http://localhost/v1/predictions/${prediction.id}/outcome`, {
        method: 'PUT',
        body: JSON.stringify({ label, observedOn: DAY }),
        headers: { 'content-type': 'application/json' },
      }),
    );
    expect(outcome.status).toBe(200);

    const response = await send(get(path(identifier)));
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="predictions.csv"',
      'cache-control': 'no-store',
    });
    const { columns, records } = readTable(await response.text());
    expect(columns).toEqual([
      ...['id', 'createdAt', 'identifier', 'keyId', 'modelName', 'modelVersion', 'modelSha256', 'contractSha256'],
      ...['label', 'probability', 'threshold', 'risk', 'warnings', 'outcome', 'outcomeObservedOn'],
      ...model.contract.features.map(({ name }) => `input.${name}`),
      'otherInput',
    ]);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      id: prediction.id,
      createdAt: prediction.createdAt,
      identifier: String(identifier),
      keyId: 'hr',
      modelName: name,
      modelVersion: version,
      modelSha256: graph.sha256,
      contractSha256: CONTRACT_SHA256,
      label: 'leaves',
      probability: '0.625',
      threshold: '0.5',
      risk: 'high',
      warnings: 'outside-training-range:age unseen-combination:departement+poste',
      outcome: label,
      outcomeObservedOn: DAY,
      'input.age': '41',
      'input.poste': '',
      otherInput: '{"métier":"Développeur \\"C\\""}',
    });
  });

  it('has the header alone where nothing matches, and no other input where all has a column', async () => {
    expect(readTable(await (await send(get(path(77_000_002)))).text()).records).toEqual([]);
    const identifier = 77_000_003;
    await store(made({ identifier, input: { age: 41 } }));
    const { records } = readTable(await (await send(get(path(identifier)))).text());
    expect(records).toMatchObject([{ 'input.age': '41', otherInput: '', outcome: '', outcomeObservedOn: '' }]);
  });

  it('has an empty cell for the contract of a prediction that was recorded before its digest was kept', async () => {
    const identifier = 77_000_008;
    await store(made({ identifier, model: { ...made().model, contractSha256: null } }));
    const { records } = readTable(await (await send(get(path(identifier)))).text());
    expect(records).toMatchObject([{ modelVersion: '1.2.3', contractSha256: '' }]);
  });

  it('holds every prediction once, however many pages, the newest first', async () => {
    const identifier = 77_000_004;
    const many = await storeMany(identifier, 2500);
    const requests = countRequests(DATABASE_URL);
    const { records } = readTable(await (await isolate(get(path(identifier)))).text());
    expect(requests()).toBe(3);
    expect(records.map(({ id }) => id)).toEqual(
      many.toSorted((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? 1 : -1)).map(({ id }) => id),
    );
  });

  it('filters as the list does', async () => {
    const identifier = 77_000_005;
    const [one, other] = [made({ identifier, risk: 'low' }), made({ identifier, risk: 'high' })];
    await store(one, other);
    const { records } = readTable(await (await send(get(`${path(identifier)}&risk=low`))).text());
    expect(records.map(({ id }) => id)).toEqual([one.id]);
  });

  it('holds no text that a spreadsheet would run', async () => {
    const identifier = 77_000_006;
    const hostile = ['=HYPERLINK("http://h/","x")', '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1'];
    await store(
      ...hostile.map((text) =>
        made({
          identifier,
          label: text,
          risk: text,
          input: { poste: text, [text]: text },
          model: { name: text, version: '1.0.0', sha256: 'a'.repeat(64), contractSha256: null },
        }),
      ),
    );
    const { records } = readTable(await (await send(get(path(identifier)))).text());
    expect(records.map(({ label }) => label).sort()).toEqual(hostile.map((text) => `'${text}`).sort());
    for (const record of records) {
      for (const cell of Object.values(record)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }
  });

  it.each([
    ['limit=5', 'limit: unknown-parameter'],
    ['cursor=x', 'cursor: unknown-parameter'],
    ['identifier=1 or true', 'identifier: identifier'],
    ['risk=a&risk=b', 'risk: given-once'],
  ])('refuses %s', async (query, expected) => {
    const { errors } = await readProblem(await isolate(get(`/v1/predictions/export?${query}`)), 422, 'invalid-query');
    expect(errors?.map(({ fields, rule }) => `${fields.join('+')}: ${rule}`)).toEqual([expected]);
  });

  it('counts as a batch, for the key', async () => {
    const counted: string[] = [];
    const limit = async ({ key }: { key: string }) => ({ success: counted.push(key) < 2 });
    const limited = newIsolate({ BATCH_LIMIT: { limit } });
    expect((await limited(get(path(77_000_007)))).status).toBe(200);
    await readProblem(await limited(get(path(77_000_007))), 429, 'too-many-requests');
    expect(counted).toEqual(['key:all', 'key:all']);
  });

  it('answers HEAD without reading on', async () => {
    const identifier = 77_000_008;
    await storeMany(identifier, 1001);
    const requests = countRequests(DATABASE_URL);
    const response = await isolate(new Request(`http://localhost${path(identifier)}`, { method: 'HEAD' }));
    expect([response.status, response.body, requests()]).toEqual([200, null, 1]);
  });
});

describe('an export that cannot be had', () => {
  it('is a problem where it has not begun', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const down = newIsolate({ DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' });
    const response = await down(get(path(77_000_009)));
    expect(response.headers.get('content-disposition')).toBeNull();
    await readProblem(response, 503, 'database-unavailable');
    await readProblem(await newIsolate(WITHOUT_RECORDING)(get(path(77_000_009))), 404, 'history-unavailable');
  });

  it('is broken off where it has: it never ends as if it were whole', async () => {
    const identifier = 77_000_010;
    await storeMany(identifier, 1500);
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const pass = globalThis.fetch;
    let calls = 0;
    vi.spyOn(globalThis, 'fetch').mockImplementation((...request) =>
      calls++ === 0 ? pass(...request) : Promise.reject(new Error('the connection was lost')),
    );
    const response = await isolate(get(path(identifier)));
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(error.mock.calls.flat().join()).toMatch(/export broken off.*database-unavailable.*the connection was lost/);
    await vi.waitFor(() => expect(info.mock.calls.flat().join()).toContain('"problem":"database-unavailable"'));
    expect([...error.mock.calls, ...info.mock.calls].flat().join()).not.toContain(String(identifier));
  });

  it('is not read on once nobody wants it', async () => {
    const identifier = 77_000_011;
    await storeMany(identifier, 4500);
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const requests = countRequests(DATABASE_URL);
    const response = await isolate(get(path(identifier)));
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^id,createdAt,/);
    await reader?.cancel();
    await vi.waitFor(() => expect(info.mock.calls.flat().join()).toContain('"route":"/v1/predictions/export"'));
    expect(requests()).toBeLessThan(4);
  });
});
