import { beforeAll, describe, expect, it, vi } from 'vitest';
import { BatchAnswer, BatchEnd, type BatchResult } from '../../common/api/answers.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { readMessage } from '../../common/history/prediction-message.ts';
import { GROUP_SIZE } from '../../common/tables/group-size.ts';
import { sha256Hex } from '../sha256.ts';
import { post, postJson, readAnswer, readProblem, type Send, send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, exampleInput, type ModelFiles, readModel, renumber, TINY_MODEL } from '../test/models.ts';

const PATH = '/v1/predict/batch';

type Input = Record<string, FeatureValue>;

let model: ModelFiles;
let inputs: Input[];
beforeAll(async () => {
  model = await readModel();
  await activate(model);
  inputs = model.contract.examples.map(({ input }) => input);
});

const csvOf = (records: readonly Input[], separator = ',') => {
  const names = Object.keys(records[0] ?? {});
  const lines = records.map((record) => names.map((name) => record[name]).join(separator));
  return [names.join(separator), ...lines].join('\n');
};

const latin1Of = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);

function utf16Of(text: string, order: 'le' | 'be'): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), order === 'le');
  return new Uint8Array(view.buffer);
}

const linesOf = (records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');

async function readBatch(response: Response): Promise<BatchAnswer> {
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return BatchAnswer.parse(JSON.parse(text));
}

function accepting(request: Request, accept: string): Request {
  const changed = new Request(request);
  changed.headers.set('accept', accept);
  return changed;
}

function underKey(request: Request, key: string): Request {
  const changed = new Request(request);
  changed.headers.set('idempotency-key', key);
  return changed;
}

const probabilityOf = (result: BatchResult | undefined) =>
  result && 'probability' in result ? result.probability : Number.NaN;
const problemOf = (result: BatchResult | undefined) => (result && 'problem' in result ? result.problem : undefined);

/** A stored prediction, once the queue was consumed. */
const stored = (id: string) =>
  vi.waitFor(
    async () => {
      const response = await send(new Request(`http://localhost/v1/predictions/${id}`));
      expect(response.status).toBe(200);
      return response.json<Record<string, unknown>>();
    },
    { timeout: 5000, interval: 100 },
  );

describe('a batch', () => {
  it('gives each record the prediction that it gets alone, in order, and a summary', async () => {
    const { results, summary } = await readBatch(await send(postJson(PATH, inputs)));
    expect(results).toHaveLength(inputs.length);
    for (const [i, input] of inputs.entries()) {
      const alone = await readAnswer(await send(postJson('/v1/predict', input)));
      expect(results[i]).toMatchObject({ line: i + 1, label: alone.label, risk: alone.risk, recorded: 'queued' });
      expect(probabilityOf(results[i])).toBeCloseTo(alone.probability, 12);
    }
    const { name, version, graph } = model.contract;
    expect(summary).toEqual({
      rows: inputs.length,
      predicted: inputs.length,
      refused: 0,
      notRecorded: 0,
      model: {
        name,
        version,
        sha256: graph.sha256.slice(0, 12),
        contractSha256: (await sha256Hex(model.contractJson)).slice(0, 12),
      },
    });
  });

  it('answers a bad row with its problem, and predicts the others', async () => {
    const records = [inputs[0], { ...inputs[1], age: 12 }, 'no record', inputs[2]];
    const { results, summary } = await readBatch(await send(postJson(PATH, records)));
    expect(summary).toMatchObject({ rows: 4, predicted: 2, refused: 2 });
    expect(problemOf(results[1])).toMatchObject({
      type: '/problems/invalid-record',
      status: 422,
      errors: [{ fields: ['age'], rule: 'minimum' }],
    });
    expect(problemOf(results[2])?.errors).toEqual([{ fields: [], rule: 'type', detail: 'Must be a JSON object.' }]);
    expect(results.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
    expect(probabilityOf(results[3])).toBeCloseTo(model.contract.examples[2]?.probability ?? Number.NaN, 6);
  });

  it('is recorded row by row, under the ids that were answered', async () => {
    const { results } = await readBatch(await send(postJson(PATH, [{ ...inputs[0], id_employee: 4711 }, inputs[1]])));
    const ids = results.map((result) => ('id' in result ? result.id : ''));
    expect(await stored(ids[0] ?? '')).toMatchObject({ identifier: 4711, input: inputs[0] });
    expect(await stored(ids[1] ?? '')).toMatchObject({ identifier: null, input: inputs[1] });
  });

  it('reads NDJSON and CSV, with a comma or a semicolon, and answers in kind', async () => {
    const lines = await (await send(post(PATH, linesOf(inputs), 'application/x-ndjson'))).text();
    const items = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(items).toHaveLength(inputs.length + 1);
    expect(BatchEnd.parse(items.at(-1)).summary.predicted).toBe(inputs.length);

    for (const separator of [',', ';']) {
      const response = await send(post(PATH, csvOf(inputs, separator), 'text/csv; charset=utf-8'));
      expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      const rows = (await response.text()).trimEnd().split('\r\n');
      expect(rows[0]).toBe('line,file,id,identifier,label,probability,threshold,risk,warnings,recorded,problem,errors');
      expect(rows).toHaveLength(inputs.length + 1);
      for (const [i, { probability }] of model.contract.examples.entries()) {
        const cells = rows[i + 1]?.split(',') ?? [];
        expect(cells[0]).toBe(String(i + 2));
        expect(Number(cells[5])).toBeCloseTo(probability, 6);
      }
    }
  });

  it('names the line of a CSV file at which a row is wrong', async () => {
    const [header = '', first = '', second = ''] = csvOf(inputs).split('\n');
    const text = [header, first, `${second},one cell too many`, '', first.replace(/^\d+/, 'forty')].join('\r\n');
    const request = accepting(post(PATH, text, 'text/csv'), 'application/json');
    const { results, summary } = await readBatch(await send(request));
    expect(summary).toMatchObject({ rows: 3, predicted: 1, refused: 2 });
    expect(results.map(({ line }) => line)).toEqual([2, 3, 5]);
    expect(problemOf(results[1])?.errors).toMatchObject([{ rule: 'cell-count' }]);
    expect(problemOf(results[2])?.errors).toMatchObject([{ fields: ['age'], rule: 'type' }]);
  });

  it('joins the extracts of a form by employee', async () => {
    const { groups, features } = model.contract;
    const spell: Record<string, (i: number) => string> = {
      sirh: (i) => `${i + 1}`,
      eval: (i) => `E_${i + 1}`,
      sondage: (i) => String(i + 1).padStart(6, '0'),
    };
    const keys: Record<string, string> = { sirh: 'id_employee', eval: 'eval_number', sondage: 'code_sondage' };
    const form = new FormData();
    for (const { id } of groups) {
      const own = features.filter(({ group }) => group === id).map(({ name }) => name);
      const records = inputs.map((input, i) => ({
        [keys[id] ?? '']: spell[id]?.(i) ?? '',
        ...Object.fromEntries(own.map((name) => [name, input[name] ?? ''])),
      }));
      // The survey lacks the last employee.
      form.set(id, new File([csvOf(id === 'sondage' ? records.slice(0, -1) : records)], `${id}.csv`));
    }
    const { results, summary } = await readBatch(
      await send(new Request(`http://localhost${PATH}`, { method: 'POST', body: form })),
    );
    expect(summary).toMatchObject({ rows: inputs.length, predicted: inputs.length - 1, refused: 1 });
    for (const [i, { probability }] of model.contract.examples.slice(0, -1).entries()) {
      expect(results[i]).toMatchObject({ identifier: i + 1 });
      expect(probabilityOf(results[i])).toBeCloseTo(probability, 6);
    }
    expect(problemOf(results.at(-1))?.errors).toMatchObject([{ rule: 'unmatched' }]);
  });

  it('is made by the model that serves, whatever its columns', async () => {
    const tiny = await readModel(TINY_MODEL);
    await activate(tiny);
    try {
      const text = csvOf(tiny.contract.examples.map(({ input }) => input));
      const request = accepting(post(PATH, text, 'text/csv'), 'application/json');
      const { results } = await readBatch(await newIsolate()(request));
      for (const [i, { probability }] of tiny.contract.examples.entries())
        expect(probabilityOf(results[i])).toBeCloseTo(probability, 6);
    } finally {
      await activate(model);
    }
  });

  it('is answered where nothing is recorded', async () => {
    const isolate = newIsolate({ ...WITHOUT_RECORDING, PUBLIC_SCOPES: 'predict' });
    const { results } = await readBatch(await isolate(postJson(PATH, inputs)));
    expect(results.map((result) => 'recorded' in result && result.recorded)).toEqual(inputs.map(() => 'off'));
  });

  it('says which predictions could not be recorded', async () => {
    for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
    const isolate = newIsolate({
      PREDICTIONS: { sendBatch: () => Promise.reject(new Error('queue down')) },
      DATABASE_URL: 'postgres://postgres:x@127.0.0.1:9/postgres',
      DEAD_LETTERS: { put: () => Promise.reject(new Error('R2 is down')) },
    });
    const { results, summary } = await readBatch(await isolate(postJson(PATH, inputs)));
    expect(summary).toMatchObject({ predicted: inputs.length, notRecorded: inputs.length });
    expect(results[0]).toMatchObject({ recorded: 'failed' });
  });

  it('may be empty', async () => {
    expect((await readBatch(await send(postJson(PATH, [])))).summary).toMatchObject({ rows: 0 });
  });
});

describe('a file as people save it', () => {
  const asJson = (body: BodyInit, type = 'text/csv') => accepting(post(PATH, body, type), 'application/json');
  const probabilities = (results: readonly BatchResult[]) => results.map(probabilityOf);
  const expectRead = async (request: Request) => {
    const { results, summary } = await readBatch(await send(request));
    const expected = model.contract.examples.map(({ probability }) => probability);
    for (const [i, probability] of probabilities(results).entries())
      expect(probability).toBeCloseTo(expected[i] ?? Number.NaN, 6);
    expect(results).toHaveLength(inputs.length);
    return { lines: results.map(({ line }) => line), notes: summary.notes ?? [] };
  };

  it('is read in Windows-1252 and in UTF-16, with a mark or without, declared or not, and the answer says which', async () => {
    const text = csvOf(inputs, ';');
    expect((await expectRead(asJson(text))).notes).toEqual([]);
    const windows = { rule: 'encoding', detail: 'The text is read as Windows-1252, and not as UTF-8.' };
    expect((await expectRead(asJson(latin1Of(text)))).notes).toMatchObject([windows]);
    expect((await expectRead(asJson(latin1Of(text), 'text/csv; charset=cp1252'))).notes).toHaveLength(1);
    for (const mark of ['', '\uFEFF'])
      for (const order of ['le', 'be'] as const) {
        const { notes } = await expectRead(asJson(utf16Of(mark + text, order)));
        expect(notes).toMatchObject([
          { detail: `The text is read as UTF-16${order.toUpperCase()}, and not as UTF-8.` },
        ]);
      }
  });

  it('says so in a header where it is answered as a table', async () => {
    const response = await send(post(PATH, latin1Of(csvOf(inputs)), 'text/csv'));
    expect(response.headers.get('x-notes')).toContain('Windows-1252');
    await response.text();
    const plain = await send(post(PATH, csvOf(inputs), 'text/csv'));
    expect(plain.headers.has('x-notes')).toBe(false);
    await plain.text();
  });

  it('may have labels for names, a title, a total, an index, and columns of its own', async () => {
    const labels = new Map(model.contract.features.map(({ name, label }) => [name, label.fr]));
    const names = Object.keys(inputs[0] ?? {});
    const rows = inputs.map((input, i) => [i, 'Paris', ...names.map((name) => input[name])].join(';'));
    const header = ['', 'Ville', ...names.map((name) => labels.get(name))].join(';');
    const total = `Total;;${';'.repeat(names.length - 1)}`;
    const { lines, notes } = await expectRead(asJson(['Effectif, novembre', '', header, ...rows, total].join('\r\n')));
    expect(lines).toEqual(inputs.map((_, i) => i + 4));
    expect(notes.map(({ rule }) => rule)).toEqual([
      'above-header',
      'column-without-name',
      'column-set-aside',
      'column-recognised',
      'total-line',
    ]);
    expect(notes[2]).toMatchObject({ fields: ['Ville'] });
  });

  it('may be an extract of a form, each in its own encoding', async () => {
    const form = new FormData();
    for (const group of model.contract.groups) {
      const own = model.contract.features.filter((feature) => feature.group === group.id);
      const header = ['Matricule', ...own.map(({ label }) => label.en)].join(';');
      const rows = inputs.map((input, i) => [i + 1, ...own.map(({ name }) => input[name])].join(';'));
      form.set(group.id, new File([latin1Of([header, ...rows, ''].join('\n'))], `${group.id}.csv`));
    }
    const { notes } = await expectRead(new Request(`http://localhost${PATH}`, { method: 'POST', body: form }));
    expect(notes.filter(({ rule }) => rule === 'encoding').length).toBeGreaterThan(0);
    expect(notes.every(({ file }) => file !== undefined)).toBe(true);
  });
});

describe('the format of the answer', () => {
  const wanted = async (accept: string) =>
    (await send(accepting(postJson(PATH, inputs), accept))).headers.get('content-type')?.split(';')[0];

  it('is what the caller prefers, or that of the request', async () => {
    expect(await wanted('text/csv')).toBe('text/csv');
    expect(await wanted('text/csv;q=0.1, application/x-ndjson')).toBe('application/x-ndjson');
    expect(await wanted('image/png, */*;q=0.1')).toBe('application/json');
    expect(await wanted('text/*')).toBe('text/csv');
    expect(await wanted('Text/CSV')).toBe('text/csv');
  });

  it('is never one that the caller excludes, though a wider range would take it', async () => {
    expect(await wanted('application/json;q=0, */*')).toBe('application/x-ndjson');
    expect(await wanted('*/*, application/*;q=0')).toBe('text/csv');
    expect(await wanted('application/json;q=0.5, */*')).toBe('application/x-ndjson');
  });

  it('is refused where there is none that the caller takes', async () => {
    await readProblem(await send(accepting(postJson(PATH, inputs), 'image/png')), 406, 'not-acceptable');
    await readProblem(await send(accepting(postJson(PATH, inputs), 'text/csv;q=0')), 406, 'not-acceptable');
  });
});

describe('a batch that is refused as a whole', () => {
  it.each([
    ['no array', '{"age": 41}', 'application/json', 400, 'invalid-json'],
    ['broken JSON', '[{', 'application/json', 400, 'invalid-json'],
    ['an empty body', '', 'application/json', 400, 'invalid-json'],
    ['an empty file', '', 'text/csv', 400, 'invalid-csv'],
    ['a broken quote', 'age,"genre\n1,2\n', 'text/csv', 400, 'invalid-csv'],
    ['other columns', 'colour,age\nred,41\n', 'text/csv', 422, 'invalid-columns'],
    ['no form', 'nothing', 'multipart/form-data; boundary=x', 400, 'invalid-multipart'],
    ['XML', '<age/>', 'application/xml', 415, 'unsupported-media-type'],
  ])('%s', async (_, body, type, status, code) => {
    await readProblem(await send(post(PATH, body, type)), status, code);
  });

  it('names every column that is missing or unknown', async () => {
    const { age: _, ...rest } = inputs[0] ?? {};
    const problem = await readProblem(
      await send(post(PATH, csvOf([{ ...rest, colour: 'red' }]), 'text/csv')),
      422,
      'invalid-columns',
    );
    expect(problem.errors?.map(({ fields, rule }) => [rule, ...fields])).toEqual(
      expect.arrayContaining([
        ['required', 'age'],
        ['unknown-field', 'colour'],
      ]),
    );
  });

  it('text that may be in several encodings', async () => {
    const mac = latin1Of(csvOf(inputs).replaceAll('é', '\u008e'));
    const { detail } = await readProblem(await send(post(PATH, mac, 'text/csv')), 400, 'invalid-csv');
    expect(detail).toContain('UTF-8');
    const odd = post(PATH, csvOf(inputs), 'text/csv; charset=klingon');
    expect((await readProblem(await send(odd), 400, 'invalid-csv')).detail).toContain('"klingon" is not known');
    const untrue = post(PATH, latin1Of(csvOf(inputs)), 'text/csv; charset=utf-8');
    expect((await readProblem(await send(untrue), 400, 'invalid-csv')).detail).toContain('is not UTF-8');
  });

  it.each(['application/x-ndjson', 'application/json'])('%s in UTF-16', async (type) => {
    const text = '[{"age":41}]';
    for (const [first, second, mark] of [
      [0, 1, false],
      [1, 0, false],
      [0, 1, true],
      [1, 0, true],
    ] as const) {
      const units = mark ? `\ufeff${text}` : text;
      const bytes = new Uint8Array(units.length * 2);
      for (let i = 0; i < units.length; i++) {
        bytes[2 * i + first] = units.charCodeAt(i) & 0xff;
        bytes[2 * i + second] = units.charCodeAt(i) >> 8;
      }
      const { detail } = await readProblem(await send(post(PATH, bytes, type)), 400, 'invalid-json');
      expect(detail).toContain('UTF-16');
    }
  });

  it.each(['application/json', 'text/csv', 'application/x-ndjson'])('%s that is compressed', async (type) => {
    const bytes = new Response(new Blob([csvOf(inputs)]).stream().pipeThrough(new CompressionStream('gzip')));
    const request = post(PATH, await bytes.arrayBuffer(), type);
    request.headers.set('content-encoding', 'gzip');
    const response = await send(request);
    expect(response.headers.get('accept-encoding')).toBe('identity');
    await readProblem(response, 415, 'unsupported-media-type');
  });

  it('a form that lacks an extract', async () => {
    const form = new FormData();
    form.set('sirh', new File(['id_employee,age\n1,41\n'], 'sirh.csv'));
    const request = new Request(`http://localhost${PATH}`, { method: 'POST', body: form });
    await readProblem(await send(request), 400, 'invalid-multipart');
  });

  it('another format at an address for one', async () => {
    const form = new FormData();
    form.set('sirh', new File(['id_employee,age\n1,41\n'], 'sirh.csv'));
    const asForm = (path: string) => new Request(`http://localhost${path}`, { method: 'POST', body: form });
    await readProblem(await send(asForm(`${PATH}/json`)), 415, 'unsupported-media-type');
    await readProblem(await send(asForm(`${PATH}/form`)), 400, 'invalid-multipart');
    await readProblem(await send(post(`${PATH}/json`, '{}', 'application/x-ndjson')), 415, 'unsupported-media-type');
    const { detail } = await readProblem(await send(postJson(`${PATH}/form`, inputs)), 415, 'unsupported-media-type');
    expect(detail).toBe('Send a batch to this address as multipart/form-data; /v1/predict/batch takes other formats.');
    const { summary } = await readBatch(await send(postJson(`${PATH}/json`, inputs)));
    expect(summary).toMatchObject({ rows: inputs.length, predicted: inputs.length });
  });

  it('more bytes or rows than the environment takes, with the limit', async () => {
    const small = newIsolate({ BATCH_MAX_BYTES: 500, BATCH_MAX_ROWS: 2 });
    const bytes = await readProblem(await small(post(PATH, csvOf(inputs), 'text/csv')), 413, 'body-too-large');
    expect(bytes.detail).toContain('500 bytes');
    const few = newIsolate({ BATCH_MAX_ROWS: 2 });
    const rows = await readProblem(await few(postJson(PATH, inputs)), 413, 'too-many-rows');
    expect(rows.detail).toContain('2 rows');
    const form = new FormData();
    form.set('sirh', new File([`id_employee,age\n${'1,41\n'.repeat(200_000)}`], 'sirh.csv'));
    const request = new Request(`http://localhost${PATH}`, { method: 'POST', body: form });
    await readProblem(await few(request), 413, 'too-many-rows');
  });
});

describe('the answer to bad rows', () => {
  const bad: [title: string, row: (names: readonly string[]) => string][] = [
    ['of a wrong value in each cell', (names) => names.map(() => 'x').join(',')],
    ['of a long text in each cell', (names) => names.map(() => 'x'.repeat(50)).join(',')],
    ['of a number in each cell', (names) => names.map(() => '-9').join(',')],
    ['in which one cell has a value', (names) => names.map((_, i) => (i === 3 ? 'x' : '')).join(',')],
    ['of one cell', () => 'x'],
  ];

  it.each(bad)('%s is in proportion to the request, in every form', async (_title, row) => {
    const names = Object.keys(exampleInput(model));
    const csv = `${names.join(',')}\n${`${row(names)}\n`.repeat(2000)}`;
    for (const accept of ['application/json', 'application/x-ndjson', 'text/csv']) {
      const response = await send(accepting(post(PATH, csv, 'text/csv'), accept));
      const { byteLength } = await response.arrayBuffer();
      expect(byteLength, accept).toBeGreaterThan(2000 * 20);
      expect(byteLength / csv.length, accept).toBeLessThan(row(names).length < 2 ? 250 : 50);
    }
  });

  it('counts what it does not name', async () => {
    const { results } = await readBatch(await send(postJson(PATH, [{}])));
    const required = problemOf(results[0])?.errors?.filter(({ rule }) => rule === 'required') ?? [];
    expect(required.flatMap(({ fields }) => fields)).toHaveLength(5);
    expect(required.at(-1)?.detail).toBe(
      `Fields that break the same rule and are not named: ${model.contract.features.length - 5}.`,
    );
  });

  it('is none to rows of blank cells, whose lines count', async () => {
    const names = Object.keys(exampleInput(model));
    const blank = `${names.map(() => '').join(',')}\n`;
    const [header = '', first = ''] = csvOf(inputs).split('\n');
    const csv = `${header}\n${blank.repeat(20_000)}${first}\n${blank}`;
    const response = await send(accepting(post(PATH, csv, 'text/csv'), 'application/json'));
    const { results, summary } = await readBatch(response);
    expect(summary).toMatchObject({ rows: 1, predicted: 1, refused: 0 });
    expect(results.map(({ line }) => line)).toEqual([20_002]);
  });
});

describe('a batch that fails on its way', () => {
  const many = (count: number): Input[] => Array.from({ length: count }, () => exampleInput(model));

  it('keeps what was predicted, and says why it stopped', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate({ ...WITHOUT_RECORDING, PUBLIC_SCOPES: 'predict', BATCH_MAX_ROWS: 1100 });
    const lines = await isolate(accepting(post(PATH, linesOf(many(1200)), 'application/x-ndjson'), 'application/json'));
    const { results, summary } = await readBatch(lines);
    expect(results).toHaveLength(1100);
    expect(summary).toMatchObject({ rows: 1100, predicted: 1100, stopped: { type: '/problems/too-many-rows' } });

    const csv = await (await isolate(post(PATH, csvOf(many(1200)), 'text/csv'))).text();
    expect(csv.trimEnd().split('\r\n')).toHaveLength(1 + 1100 + 1);
    expect(csv.trimEnd().split('\r\n').at(-1)).toContain('Too many rows');
  });

  it('ends with a broken quote, after the rows before it', async () => {
    const [header = '', row = ''] = csvOf(inputs).split('\n');
    const text = `${header}\n${`${row}\n`.repeat(3)}"${row}`;
    const { results, summary } = await readBatch(
      await send(accepting(post(PATH, text, 'text/csv'), 'application/json')),
    );
    expect(results.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(summary).toMatchObject({
      rows: 3,
      predicted: 3,
      stopped: { type: '/problems/invalid-csv', errors: [{ rule: 'quote' }] },
    });
    expect(summary.stopped?.detail).toContain('line 5');
  });

  it('answers every row that it has recorded, before it says why it stopped', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const sent: string[] = [];
    const sendBatch = async (messages: { body: string }[]) => {
      for (const { body } of messages) sent.push(...readMessage(body).predictions.map(({ id }) => id));
    };
    // The queue takes all, so that what is recorded can be counted.
    const isolate = newIsolate({
      PREDICTIONS: { sendBatch },
      DATABASE_URL: 'postgres://postgres:x@127.0.0.1:9/postgres',
    });
    const bytes = new TextEncoder().encode(linesOf(many(2100)));
    const damaged = new Uint8Array([...bytes, 0xff, 0x0a]);
    const { results, summary } = await readBatch(
      await isolate(accepting(post(PATH, damaged, 'application/x-ndjson'), 'application/json')),
    );
    // The rows that came with the damaged bytes are not read.
    expect(summary.rows).toBeGreaterThan(1500);
    expect(summary.stopped?.type).toBe('/problems/invalid-json');
    // Several groups are on their way to the queue at once; ids ascend in the order of the rows.
    expect(results.map((result) => ('id' in result ? result.id : null))).toEqual(sent.toSorted());
  });
});

describe('Idempotency-Key', () => {
  const idsOf = ({ results }: BatchAnswer) => results.map((result) => ('id' in result ? result.id : null));
  const newKey = () => `test-${crypto.randomUUID()}`;

  it.each([
    ['JSON', () => postJson(PATH, inputs)],
    ['CSV', () => accepting(post(PATH, csvOf(inputs), 'text/csv'), 'application/json')],
  ])('gives a repeated batch in %s the same ids, in order, and one row each', async (_, request) => {
    const key = newKey();
    const first = await readBatch(await send(underKey(request(), key)));
    const second = await readBatch(await send(underKey(request(), key)));
    expect(second).toEqual(first);
    expect(new Set(idsOf(first)).size).toBe(inputs.length);
    expect(idsOf(first)).toEqual(idsOf(first).toSorted());
    expect(idsOf(await readBatch(await send(underKey(request(), newKey()))))).not.toEqual(idsOf(first));
  });

  it('gives a repeated prediction the same id, time and row', async () => {
    const key = newKey();
    const ask = () => send(underKey(postJson('/v1/predict', inputs[0]), key));
    const answers = await Promise.all([ask(), ask(), ask()].map(async (answer) => readAnswer(await answer)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const { createdAt } = await stored(answers[0]?.id ?? '');
    const again = await readAnswer(await ask());
    expect(again).toEqual(answers[0]);
    expect((await stored(again.id))['createdAt']).toBe(createdAt);
  });

  it('is refused with another body, another address, and as no key', async () => {
    const key = newKey();
    await readAnswer(await send(underKey(postJson('/v1/predict', inputs[0]), key)));
    await readProblem(await send(underKey(postJson('/v1/predict', inputs[1]), key)), 409, 'idempotency-key-reused');
    await readProblem(await send(underKey(postJson(PATH, [inputs[0]]), key)), 409, 'idempotency-key-reused');
    const tooLong = underKey(postJson('/v1/predict', inputs[0]), 'x'.repeat(256));
    await readProblem(await send(tooLong), 400, 'invalid-idempotency-key');
    const isolate = newIsolate({ ...WITHOUT_RECORDING, PUBLIC_SCOPES: 'predict' });
    await readProblem(await isolate(underKey(postJson(PATH, inputs), key)), 400, 'idempotency-unavailable');
  });

  it('is not used up by a record that was refused', async () => {
    const key = newKey();
    await readProblem(await send(underKey(postJson('/v1/predict', { age: 3 }), key)), 422, 'invalid-record');
    await readAnswer(await send(underKey(postJson('/v1/predict', inputs[0]), key)));
  });

  it('knows a form by what it holds: clients make a new boundary each time, and may order it otherwise', async () => {
    const { features, groups } = model.contract;
    const keys: Record<string, string> = { sirh: 'id_employee', eval: 'eval_number', sondage: 'code_sondage' };
    const files = groups.map(({ id }) => {
      const own = features.filter(({ group }) => group === id).map(({ name }) => name);
      const record = Object.fromEntries(own.map((name) => [name, inputs[0]?.[name] ?? '']));
      return { id, text: csvOf([{ [keys[id] ?? '']: id === 'eval' ? 'E_1' : '1', ...record }]) };
    });
    const formOf = (parts: typeof files, suffix = '') => {
      const form = new FormData();
      for (const { id, text } of parts) form.set(id, new File([text], `${id}${suffix}.csv`));
      return new Request(`http://localhost${PATH}`, { method: 'POST', body: form });
    };
    expect(formOf(files).headers.get('content-type')).not.toBe(formOf(files).headers.get('content-type'));

    const key = newKey();
    const first = await readBatch(await send(underKey(formOf(files), key)));
    expect(first.summary).toMatchObject({ predicted: 1 });
    expect(await readBatch(await send(underKey(formOf(files), key)))).toEqual(first);
    expect(await readBatch(await send(underKey(formOf(files.toReversed()), key)))).toEqual(first);
    const changed = files.map(({ id, text }) => ({ id, text: `${text}\n` }));
    await readProblem(await send(underKey(formOf(changed), key)), 409, 'idempotency-key-reused');
    await readProblem(await send(underKey(formOf(files, '-2'), key)), 409, 'idempotency-key-reused');
  });

  it('heeds what a body is, not how its media type is written', async () => {
    const key = newKey();
    const ask = (type: string) => send(underKey(post('/v1/predict', JSON.stringify(inputs[0]), type), key));
    const first = await readAnswer(await ask('application/json'));
    expect((await readAnswer(await ask('Application/JSON; charset=utf-8'))).id).toBe(first.id);
  });

  it('is not used up by a batch that was refused', async () => {
    const key = newKey();
    const csvFile = (text: string | Uint8Array<ArrayBuffer>) => underKey(post(PATH, text, 'text/csv'), key);
    await readProblem(await send(csvFile('colour\nred\n')), 422, 'invalid-columns');
    await readProblem(await send(csvFile(new Uint8Array([0x8e, 0x0a]))), 400, 'invalid-csv');
    const { summary } = await readBatch(await send(underKey(postJson(PATH, [{ age: 3 }]), key)));
    expect(summary).toMatchObject({ refused: 1 });
    const first = await readBatch(await send(accepting(csvFile(csvOf(inputs)), 'application/json')));
    expect(first.summary).toMatchObject({ predicted: inputs.length });
    await readProblem(await send(csvFile(csvOf(inputs.slice(1)))), 409, 'idempotency-key-reused');
  });

  it('gives the rows of every group the same ids again', async () => {
    const key = newKey();
    const records = Array.from({ length: 2 * GROUP_SIZE + 1 }, () => exampleInput(model));
    const ask = () => send(underKey(postJson(PATH, records), key));
    const first = await readBatch(await ask());
    expect(new Set(idsOf(first)).size).toBe(records.length);
    expect(idsOf(await readBatch(await ask()))).toEqual(idsOf(first));
  });

  it('is refused with another batch also where the answer has begun with rows that were refused', async () => {
    const key = newKey();
    await readBatch(await send(underKey(postJson(PATH, inputs), key)));
    const bad = Array.from({ length: GROUP_SIZE }, () => ({ age: 3 }));
    const { summary } = await readBatch(await send(underKey(postJson(PATH, [...bad, inputs[0]]), key)));
    expect(summary).toMatchObject({
      rows: GROUP_SIZE,
      predicted: 0,
      stopped: { type: '/problems/idempotency-key-reused', status: 409 },
    });
  });

  it('needs the database', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate({ DATABASE_URL: 'postgres://postgres:x@127.0.0.1:9/postgres' });
    await readProblem(await isolate(underKey(postJson(PATH, inputs), newKey())), 503, 'database-unavailable');
  });

  it('gives back what the first model answered once another one serves', async () => {
    const key = newKey();
    const ask = (to: Send) => to(underKey(postJson(PATH, inputs), key));
    const first = await readBatch(await ask(send));
    await Promise.all(idsOf(first).map((id) => stored(id ?? '')));
    const other = renumber(model, '9.0.0');
    await activate({ ...other, ...withThreshold(other, 0.99) });
    try {
      const isolate = newIsolate();
      const { results } = await readBatch(await ask(isolate));
      expect(results).toEqual(first.results.map((result) => ({ ...result, recorded: 'stored' })));
      const { results: fresh } = await readBatch(await isolate(postJson(PATH, inputs)));
      expect(fresh.every((result) => 'threshold' in result && result.threshold === 0.99)).toBe(true);
    } finally {
      await activate(model);
    }
  });
});

function withThreshold({ contract }: ModelFiles, threshold: number): Pick<ModelFiles, 'contract' | 'contractJson'> {
  const changed = { ...contract, output: { ...contract.output, threshold } };
  return { contract: changed, contractJson: JSON.stringify(changed) };
}
