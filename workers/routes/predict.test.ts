import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { sha256Hex } from '../sha256.ts';
import { connect } from '../store/database.ts';
import { storeMessages } from '../store/store-messages.ts';
import { get, post, postJson, readAnswer, readProblem, send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, bucket, exampleInput, type ModelFiles, readModel, renumber, TINY_MODEL } from '../test/models.ts';

let model: ModelFiles;
let input: Record<string, FeatureValue>;
beforeAll(async () => {
  model = await readModel();
  input = exampleInput(model);
  await activate(model);
});

const predict = (body: unknown) => send(postJson('/v1/predict', body));

describe('a valid record', () => {
  it('gets the probability that the training pipeline gave each golden case', async () => {
    const { features, golden, parity } = model.contract;
    expect(golden.length).toBeGreaterThanOrEqual(200);
    let largestDifference = 0;
    for (const { values, probability } of golden) {
      const record = Object.fromEntries(features.map(({ name }, i) => [name, values[i]]));
      const answer = await readAnswer(await predict(record));
      largestDifference = Math.max(largestDifference, Math.abs(answer.probability - probability));
      expect(answer.label).toBe(probability >= model.contract.output.threshold ? 'leaves' : 'stays');
    }
    expect(largestDifference).toBeLessThanOrEqual(parity.tolerance);
  });

  it('is answered with the outcome, the model that made it and its threshold', async () => {
    const { contract } = model;
    for (const [i, { input: record, probability }] of contract.examples.entries()) {
      const answer = await readAnswer(await predict(record));
      expect(answer.probability, `example ${i}`).toBeCloseTo(probability, 6);
      expect(answer.threshold).toBe(contract.output.threshold);
      expect(contract.output.bands.map(({ id }) => id)).toContain(answer.risk);
      expect(answer.model).toEqual({
        name: contract.name,
        version: contract.version,
        sha256: contract.graph.sha256.slice(0, 12),
        contractSha256: (await sha256Hex(model.contractJson)).slice(0, 12),
      });
      expect(answer.recorded).toBe('queued');
    }
  });

  it('may use aliases, accented text in either Unicode form, booleans, "11 %" and columns that are ignored', async () => {
    const { genre, heure_supplementaires, augementation_salaire_precedente, ...rest } = input;
    const plain = await readAnswer(
      await predict({ ...rest, genre: 'M', heure_supplementaires: 'Oui', augementation_salaire_precedente: 11 }),
    );
    const aliased = await readAnswer(
      await predict({
        ...rest,
        genre: 'Homme',
        heures_supplementaires: true,
        augmentation_salaire_precedente: '11 %',
        statut_marital: String(rest['statut_marital']).normalize('NFD'),
        nombre_heures_travailless: 80,
        ayant_enfants: 'Y',
      }),
    );
    expect(aliased.probability).toBe(plain.probability);
  });

  it('outside the range that training covers is predicted with a warning that names the field', async () => {
    const answer = await readAnswer(await predict({ ...input, revenu_mensuel: 30_000 }));
    expect(answer.warnings).toEqual([
      { fields: ['revenu_mensuel'], code: 'outside-training-range', detail: expect.stringContaining('30000') },
    ]);
    const pair = { departement: 'Ressources Humaines', poste: 'Tech Lead' };
    const unseen = await readAnswer(await predict({ ...input, ...pair }));
    expect(unseen.warnings).toMatchObject([{ fields: ['departement', 'poste'], code: 'unseen-combination' }]);
  });

  it('is predicted the same under 64 requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 64 }, async () => readAnswer(await predict(input))));
    expect(new Set(answers.map(({ probability }) => probability)).size).toBe(1);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(64);
  });
});

describe('an invalid record', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(input).filter(([key]) => key !== name));
  const cases: [title: string, body: () => unknown, fields: string[], rule: string][] = [
    [
      'a value above the maximum',
      () => ({ ...input, note_evaluation_actuelle: 9 }),
      ['note_evaluation_actuelle'],
      'maximum',
    ],
    ['a value below the minimum', () => ({ ...input, age: 17 }), ['age'], 'minimum'],
    ['a missing field', () => without('poste'), ['poste'], 'required'],
    ['null for a value', () => ({ ...input, poste: null }), ['poste'], 'category'],
    ['an unknown field', () => ({ ...input, salaire: 3000 }), ['salaire'], 'unknown-field'],
    ['a string for a number', () => ({ ...input, age: '41' }), ['age'], 'type'],
    ['decimals for an integer', () => ({ ...input, age: 41.5 }), ['age'], 'type'],
    ['an unseen category', () => ({ ...input, departement: 'Juridique' }), ['departement'], 'category'],
    [
      'a fraction for percent points',
      () => ({ ...input, augementation_salaire_precedente: 0.11 }),
      ['augementation_salaire_precedente'],
      'unit',
    ],
    [
      'a field and its alias',
      () => ({ ...input, heures_supplementaires: true }),
      ['heure_supplementaires'],
      'given-once',
    ],
    ['an identifier that is no number', () => ({ ...input, id_employee: 'Dupont' }), ['id_employee'], 'type'],
    ['an array', () => [input], [], 'type'],
    ['a number', () => 5, [], 'type'],
  ];
  it.each(cases)('is refused: %s', async (_title, body, fields, rule) => {
    const { errors } = await readProblem(await predict(body()), 422, 'invalid-record');
    expect(errors).toEqual([{ fields, rule, detail: expect.stringMatching(/./) }]);
  });

  it('is refused when two fields contradict each other, naming both', async () => {
    const { errors } = await readProblem(
      await predict({ ...input, age: 30, annee_experience_totale: 20, annees_dans_l_entreprise: 15 }),
      422,
      'invalid-record',
    );
    expect(errors).toMatchObject([{ fields: ['annee_experience_totale', 'age'] }]);
  });

  it('is told everything that is wrong at once', async () => {
    const { age, ...rest } = input;
    const { errors } = await readProblem(
      await predict({ ...rest, genre: 'X', extra: 1, annees_dans_le_poste_actuel: 12, annees_dans_l_entreprise: 3 }),
      422,
      'invalid-record',
    );
    expect(errors?.map(({ fields }) => fields.join('+'))).toEqual(
      expect.arrayContaining(['age', 'genre', 'extra', 'annees_dans_le_poste_actuel+annees_dans_l_entreprise']),
    );
  });

  it('cannot reach the prototype', async () => {
    const body = JSON.stringify(input).replace('{', '{"__proto__":{"age":40},"constructor":1,');
    const { errors } = await readProblem(await send(post('/v1/predict', body)), 422, 'invalid-record');
    expect(errors?.flatMap(({ fields }) => fields).sort()).toEqual(['__proto__', 'constructor']);
  });
});

describe('a body that is no record', () => {
  it.each([
    ['cut-off JSON', '{"age":', 'application/json', 400, 'invalid-json'],
    ['nothing', '', 'application/json', 400, 'invalid-json'],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'application/json', 400, 'invalid-json'],
    ['another media type', '{}', 'text/plain', 415, 'unsupported-media-type'],
    ['5 MB', 'a'.repeat(5_000_000), 'application/json', 413, 'body-too-large'],
  ] as const)('is refused: %s', async (_title, body, contentType, status, code) => {
    const problem = await readProblem(await send(post('/v1/predict', body, contentType)), status, code);
    expect(problem.detail).not.toBe('');
  });

  it('is refused where it is compressed, with what is taken instead', async () => {
    const encoded = (encoding: string) => {
      const request = postJson('/v1/predict', input);
      request.headers.set('content-encoding', encoding);
      return send(request);
    };
    const response = await encoded('gzip');
    expect(response.headers.get('accept-encoding')).toBe('identity');
    expect((await readProblem(response, 415, 'unsupported-media-type')).detail).toContain('Content-Encoding');
    await readAnswer(await encoded('Identity'));
  });

  it('says the limit that it broke', async () => {
    const { detail } = await readProblem(await send(post('/v1/predict', 'a'.repeat(65_537))), 413, 'body-too-large');
    expect(detail).toContain('65536');
  });
});

describe('an environment without a queue', () => {
  it('predicts and says that nothing is recorded', async () => {
    const isolate = newIsolate(WITHOUT_RECORDING);
    const answer = await readAnswer(await isolate(postJson('/v1/predict', input)));
    expect(answer.recorded).toBe('off');
    await readProblem(await isolate(get(`/v1/predictions/${answer.id}`)), 404, 'history-unavailable');
  });
});

describe('a queue that refuses', () => {
  const PREDICTIONS = { sendBatch: () => Promise.reject(new Error('queue is full')) };
  const DATABASE_URL = 'postgres://postgres:x@127.0.0.1:9/postgres';

  it.each([
    ['is made up for by the database', {}, 'stored'],
    ['and a database that is down are made up for by the spool', { DATABASE_URL }, 'spooled'],
    [
      'while nothing else takes the record still gets an answer, which says so',
      { DATABASE_URL, DEAD_LETTERS: { put: () => Promise.reject(new Error('R2 is down')) } },
      'failed',
    ],
  ])('%s', async (_title, bindings, recorded) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const isolate = newIsolate({ PREDICTIONS, ...bindings });
    const answer = await readAnswer(await isolate(postJson('/v1/predict', input)));
    expect(answer.recorded).toBe(recorded);
    expect(error).toHaveBeenCalledWith(expect.stringContaining('queue is full'));
  });
});

describe('an environment whose answers do not wait', () => {
  it('says that the record is pending, and records all the same', async () => {
    const sendBatch = vi.fn(() => scheduler.wait(100));
    const isolate = newIsolate({ PREDICTIONS: { sendBatch }, AWAIT_RECORDING: false });
    expect((await readAnswer(await isolate(postJson('/v1/predict', input)))).recorded).toBe('pending');
    expect(sendBatch).toHaveBeenCalledTimes(1);
  });
});

describe('another model', () => {
  it('changes what is accepted and answered, with no change of code', async () => {
    const tiny = await readModel(TINY_MODEL);
    const isolate = newIsolate();
    await activate(tiny);
    try {
      for (const { input: record, probability } of tiny.contract.examples) {
        const answer = await readAnswer(await isolate(postJson('/v1/predict', record)));
        expect(answer.probability).toBeCloseTo(probability, 6);
        expect(answer.model.name).toBe(tiny.contract.name);
      }
      const { errors } = await readProblem(await isolate(postJson('/v1/predict', input)), 422, 'invalid-record');
      const rules = new Set(errors?.map(({ rule }) => rule));
      expect(rules).toEqual(new Set(['required', 'unknown-field']));
    } finally {
      await activate(model);
    }
  });
});

describe('a model that cannot be trusted', () => {
  it('is refused when one byte of the graph changed in R2', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const damaged = renumber(model, '1.0.11');
    const graph = damaged.graph.slice();
    graph[1000] = (graph[1000] ?? 0) ^ 1;
    await activate({ ...damaged, graph });
    try {
      const isolate = newIsolate();
      const response = await isolate(postJson('/v1/predict', input));
      expect(response.headers.get('retry-after')).toBe('5');
      const problem = await readProblem(response, 503, 'model-unavailable');
      expect(JSON.stringify(problem)).not.toContain('sha256');
      expect(error).toHaveBeenCalledWith(
        expect.stringMatching(/models\/technova-attrition\/1\.0\.11\/model\.onnx is not what was published/),
      );
      expect((await isolate(get('/health/ready'))).status).toBe(503);
    } finally {
      await activate(model);
    }
  });

  it('is refused when one byte of the contract changed in R2', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const changed = renumber(model, '1.0.3');
    await activate(changed);
    const threshold = `"threshold":${model.contract.output.threshold}`;
    const forged = changed.contractJson.replace(threshold, '"threshold":0.99');
    expect(forged).not.toBe(changed.contractJson);
    await bucket.put('models/technova-attrition/1.0.3/contract.json', forged);
    try {
      await readProblem(await newIsolate()(postJson('/v1/predict', input)), 503, 'model-unavailable');
    } finally {
      await activate(model);
    }
  });
});

describe('a contract that was replaced under the same version, with the digest in the pointer', () => {
  type Sent = { body: string }[];

  /** Asks an isolate that starts now, and gives the answer with the messages that it sends to the queue. */
  async function ask() {
    const sent: Sent = [];
    const sendBatch = async (messages: Sent) => void sent.push(...messages);
    const answer = await readAnswer(await newIsolate({ PREDICTIONS: { sendBatch } })(postJson('/v1/predict', input)));
    return { answer, messages: sent.map(({ body }) => ({ id: answer.id, body })) };
  }

  it('shows in the answer, and the database refuses its predictions', async () => {
    const genuine = renumber(model, `1.0.${Date.now()}`);
    const contract = { ...genuine.contract, output: { ...genuine.contract.output, threshold: 0.001 } };
    try {
      await activate(genuine);
      const before = await ask();
      await activate({ ...genuine, contract, contractJson: JSON.stringify(contract) });
      const after = await ask();
      expect([before.answer.threshold, after.answer.threshold]).toEqual([model.contract.output.threshold, 0.001]);
      const { contractSha256, ...rest } = before.answer.model;
      expect(after.answer.model).toMatchObject(rest);
      expect(after.answer.model.contractSha256).not.toBe(contractSha256);
      expect(contractSha256).toBe((await sha256Hex(genuine.contractJson)).slice(0, 12));

      const kept: string[] = [];
      const nothing = { list: async () => ({ keys: [], more: false }), read: async () => null, remove: async () => {} };
      const deadLetters = { ...nothing, write: async (key: string) => void kept.push(key) };
      const stores = { database: connect(env.DATABASE_URL ?? ''), deadLetters, now: new Date() };
      const outcomes = await storeMessages([...before.messages, ...after.messages], stores);
      expect(outcomes.map(({ outcome }) => outcome)).toMatchObject([
        { status: 'stored' },
        {
          status: 'set-aside',
          predictions: 1,
          reason: expect.stringContaining('recorded with another contract before'),
        },
      ]);
      expect(kept).toEqual([expect.stringContaining(`/${after.answer.id}.json`)]);
    } finally {
      await activate(model);
    }
  });
});

describe('no active model', () => {
  it('is a 503 for predict and readiness, not a 500, and ends when one is activated', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await bucket.delete('channels/active.json');
    const isolate = newIsolate();
    try {
      await readProblem(await isolate(postJson('/v1/predict', input)), 503, 'model-unavailable');
      await readProblem(await isolate(get('/v1/model')), 503, 'model-unavailable');
      const ready = await isolate(get('/health/ready'));
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ status: 'not-ready', checks: { model: { status: 'failed' } } });
    } finally {
      await activate(model);
    }
    await vi.waitFor(async () => readAnswer(await isolate(postJson('/v1/predict', input))), {
      timeout: 5000,
      interval: 200,
    });
  });
});
