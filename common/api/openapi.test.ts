import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Contract } from '../contract/contract.ts';
import { type Feature, featureKind } from '../contract/features/features.ts';
import { ErasureQuery, ExportQuery, PageQuery } from '../history/query.ts';
import { createValidator } from '../record/validation.ts';
import { attrition, attritionJson, flags, flagsJson, tinyJson } from '../test/contracts.ts';
import { Recorded } from './answers.ts';
import { createOpenApi, type OpenApi } from './openapi.ts';
import type { Deployment } from './openapi-types.ts';
import { PROBLEMS } from './problems.ts';

const tiny = Contract.parse(JSON.parse(tinyJson));
const CLOSED: Deployment = { publicScopes: [], batch: { maxRows: 1000, maxBytes: 1_000_000 } };
const CONTRACTS = [
  ['the attrition model', attrition, attritionJson],
  ['another model', tiny, tinyJson],
  ['a model of flags', flags, flagsJson],
] as const;

/** The part of an operation that these tests read. */
const Media = z.looseObject({
  schema: z.looseObject({}),
  example: z.unknown().optional(),
  examples: z
    .record(z.string(), z.looseObject({ value: z.unknown().optional(), $ref: z.string().optional() }))
    .optional(),
});
const Content = z.record(z.string(), Media);
const Operation = z.looseObject({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(z.looseObject({ name: z.string().optional() })),
  requestBody: z.looseObject({ content: Content }).optional(),
  responses: z.record(
    z.string(),
    z.looseObject({ headers: z.record(z.string(), z.looseObject({})), content: Content }),
  ),
});
const RecordSchema = z.looseObject({
  description: z.string(),
  required: z.array(z.string()),
  properties: z.record(z.string(), z.looseObject({ description: z.string() })),
});
type Operation = z.infer<typeof Operation>;

function operationsOf({ paths }: OpenApi): Map<string, Operation> {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, Operation.parse(operation)] as const,
    ),
  );
  return new Map(all);
}

/** Problems of an operation, by the last part of their type. */
function problemsOf({ responses }: Operation): string[] {
  return Object.values(responses).flatMap(({ content }) =>
    Object.keys(content['application/problem+json']?.examples ?? {}),
  );
}

/** Compiles schemas of the document, whose references are to the document. */
function compilerOf({ components }: OpenApi): (schema: object) => ValidateFunction {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false });
  for (const keyword of ['components', 'x-unit', 'x-aliases']) ajv.addKeyword(keyword);
  ajv.addSchema({ components }, 'document');
  const compiled = new Map<string, ValidateFunction>();
  return (schema) => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"document#/');
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, validate);
    return validate;
  };
}

const recordOf = (document: OpenApi) => compilerOf(document)({ $ref: '#/components/schemas/Record' });
const recordSchemaOf = ({ components }: OpenApi) => RecordSchema.parse(components['schemas']?.['Record']);

describe.each(CONTRACTS)('the OpenAPI document of %s', (_title, contract, contractJson) => {
  const document = createOpenApi(contract, CLOSED);

  it('is valid OpenAPI 3.1, as JSON has it', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(validator.version).toBe('3.1');
  });

  it('has schemas that are valid JSON Schema, and refers to nothing that it lacks', () => {
    const names = Object.keys(document.components['schemas'] ?? {});
    expect(names.length).toBeGreaterThan(20);
    const compile = compilerOf(document);
    for (const name of names) expect(() => compile({ $ref: `#/components/schemas/${name}` }), name).not.toThrow();
    for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      let target: unknown = document;
      for (const key of path.split('/')) target = z.record(z.string(), z.unknown()).parse(target)[key];
      expect(target, path).toBeDefined();
    }
  });

  it('shows examples that satisfy their schemas', () => {
    const compile = compilerOf(document);
    const contents = Array.from(operationsOf(document).values()).flatMap(({ requestBody, responses }) => [
      requestBody?.content ?? {},
      ...Object.values(responses).map(({ content }) => content),
    ]);
    const shown = contents.flatMap((content) =>
      Object.values(content).flatMap((media) => {
        const isValid = compile(media.schema);
        return examplesOf(document, media).map((value) => ({ value, valid: isValid(value), errors: isValid.errors }));
      }),
    );
    expect(shown.length).toBeGreaterThan(50);
    expect(shown.filter(({ valid }) => !valid)).toEqual([]);
  });

  it('accepts the examples and the golden cases of the contract as records', () => {
    const isRecord = recordOf(document);
    const { features, golden, examples } = contract;
    const records = golden.map(({ values }) => Object.fromEntries(features.map(({ name }, i) => [name, values[i]])));
    for (const record of [...records, ...examples.map(({ input }) => input)]) {
      expect([isRecord(record), isRecord.errors]).toEqual([true, null]);
    }
  });

  it('describes the contract as it was published', () => {
    const isContract = compilerOf(document)({ $ref: '#/components/schemas/Contract' });
    expect([isContract(JSON.parse(contractJson)), isContract.errors]).toEqual([true, null]);
    expect(isContract({ ...JSON.parse(contractJson), unknown: 1 })).toBe(false);
  });

  it('accepts and refuses one field at a time as the API does', () => {
    const isRecord = recordOf(document);
    const validate = createValidator(contract);
    const rules = new Set(contract.rules.map(({ id }) => id));
    const verdict = (record: unknown) => {
      const result = validate(record);
      return result.ok || result.violations.every(({ rule }) => rules.has(rule));
    };
    const [example] = contract.examples;
    for (const feature of contract.features) {
      const { [feature.name]: _, ...without } = example?.input ?? {};
      expect(isRecord(without), `without ${feature.name}`).toBe(false);
      for (const value of trials(feature)) {
        const record = { ...without, [feature.name]: value };
        expect([feature.name, value, isRecord(record)]).toEqual([feature.name, value, verdict(record)]);
      }
    }
    for (const name of ['unknown', ...contract.ignored.map((it) => it.name)]) {
      const record = { ...example?.input, [name]: 1 };
      expect([name, isRecord(record)]).toEqual([name, verdict(record)]);
    }
    const identifier = contract.identifier?.name ?? 'id';
    for (const value of [
      12,
      '12',
      '000012',
      'E_12',
      0,
      '0',
      -1,
      1.5,
      'X_12',
      '12.0',
      '12,00',
      'E_12.0',
      '',
      null,
      true,
      '9'.repeat(15),
      {},
    ]) {
      const record = { ...example?.input, [identifier]: value };
      expect([value, isRecord(record)]).toEqual([value, verdict(record)]);
    }
  });
});

/** Values of a field at its limits, around them, and of other types. */
function trials(feature: Feature): unknown[] {
  if (feature.type === 'category') return [...feature.categories.map(({ value }) => value), 'x', '', 1, null, []];
  // Other spellings are described, and not part of the schema.
  if (!('accepted' in feature)) return [...featureKind(feature).samples(), 'x', '', 2, null, [], {}];
  const { accepted, refused } = feature;
  const limits = [accepted, ...refused.map(({ interval }) => interval)].flatMap(({ min, max }) => [min, max]);
  return [...limits.flatMap((it) => [it, it - 1, it + 1, it + 0.5, it - 0.5, it + 1e-9]), 'x', '', null, true, {}];
}

function examplesOf({ components }: OpenApi, { example, examples = {} }: z.infer<typeof Media>): unknown[] {
  const shared = z.record(z.string(), z.looseObject({ value: z.unknown() })).parse(components['examples']);
  const named = Object.values(examples).map(({ value, $ref }) =>
    $ref === undefined ? value : shared[$ref.split('/').at(-1) ?? '']?.value,
  );
  return example === undefined ? named : [...named, example];
}

describe('a record', () => {
  it('is described with its fields, their units, meanings, other names and other spellings', () => {
    const { properties, required, description } = recordSchemaOf(createOpenApi(attrition, CLOSED));
    expect(required).toEqual(attrition.features.map(({ name }) => name));
    expect(Object.keys(properties)).toEqual([...required, 'id_employee', ...attrition.ignored.map(({ name }) => name)]);
    expect(properties['age']).toMatchObject({
      title: 'Age',
      type: 'integer',
      minimum: 18,
      maximum: 70,
      'x-unit': 'years',
      description: expect.stringContaining('18 to 60'),
    });
    expect(properties['revenu_mensuel']).toMatchObject({ type: 'number', exclusiveMinimum: 0, maximum: 50_000 });
    expect(properties['frequence_deplacement']).toMatchObject({
      enum: ['Aucun', 'Occasionnel', 'Frequent'],
      description: expect.stringContaining('`Fréquent` for `Frequent`'),
    });
    expect(properties['heure_supplementaires']?.description).toContain('`true` for `Oui`');
    expect(properties['annes_sous_responsable_actuel']).toMatchObject({
      'x-aliases': ['annees_sous_responsable_actuel'],
      description: expect.stringContaining('Other names: `annees_sous_responsable_actuel`'),
    });
    expect(properties['augementation_salaire_precedente']?.description).toContain('11 for 11%, not 0.11');
    expect(properties['id_employee']?.description).toContain('`eval_number`, `code_sondage`');
    for (const { id } of attrition.rules.filter(({ type }) => type === 'at-most')) expect(description).toContain(id);
  });

  it('follows the contract', () => {
    const document = createOpenApi(tiny, CLOSED);
    expect(recordSchemaOf(document).required).toEqual(['hours', 'seniority', 'site']);
    expect(JSON.stringify(document)).not.toContain('revenu_mensuel');
    expect(JSON.stringify(document)).toContain('`breaks` (Likely to break down)');
    expect(document.info).toMatchObject({ title: 'Machine breakdowns: API', version: '0.1.0' });
  });

  it('does not limit outcomes to the labels of the model that serves: an older one may have made the prediction', () => {
    const { OutcomeRequest } = createOpenApi(tiny, CLOSED).components['schemas'] ?? {};
    expect(OutcomeRequest).toMatchObject({
      properties: { label: { type: 'string', description: expect.stringContaining('`breaks`') } },
    });
    expect(OutcomeRequest).not.toHaveProperty('properties.label.enum');
  });

  it('says what each value of "recorded" means', () => {
    const { description } = z
      .looseObject({ description: z.string() })
      .parse(createOpenApi(tiny, CLOSED).components['schemas']?.['Recorded']);
    for (const value of Recorded.options) expect(description).toContain(`\`${value}\`: `);
  });

  it('may be joined from extracts only where the contract says by what', () => {
    const bodies = (contract: Contract) =>
      operationsOf(createOpenApi(contract, CLOSED)).get('POST /v1/predict/batch')?.requestBody?.content;
    expect(bodies(tiny)).not.toHaveProperty('multipart/form-data');
    expect(bodies(attrition)?.['multipart/form-data']?.schema).toMatchObject({ required: ['sirh', 'eval', 'sondage'] });
    expect(operationsOf(createOpenApi(tiny, CLOSED)).has('POST /v1/predict/batch/form')).toBe(false);
  });

  it('has an operation with one format each way for generators, and the type of the record to explore', () => {
    const document = createOpenApi(attrition, CLOSED);
    const formats = ['json', 'form'].map((last) => {
      const operation = operationsOf(document).get(`POST /v1/predict/batch/${last}`);
      return [operation?.requestBody?.content, operation?.responses['200']?.content].map((it) => Object.keys(it ?? {}));
    });
    expect(formats).toEqual([
      [['application/json'], ['application/json']],
      [['multipart/form-data'], ['application/json']],
    ]);
    const explore = compilerOf(document)({ $ref: '#/components/schemas/ExploreRequest' });
    expect([explore({ record: attrition.examples[0]?.input }), explore({ record: {} })]).toEqual([true, false]);
  });
});

describe('the operations', () => {
  const operations = operationsOf(createOpenApi(attrition, CLOSED));

  it('have names of their own, and every answer a request id', () => {
    const ids = Array.from(operations.values(), ({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { responses } of operations.values()) {
      for (const { headers } of Object.values(responses)) expect(headers).toHaveProperty('X-Request-Id');
    }
  });

  it('tell every problem that there is, under its status', () => {
    const everywhere = ['not-found', 'method-not-allowed'];
    const told = Array.from(operations.values()).flatMap(problemsOf);
    expect(new Set([...told, ...everywhere])).toEqual(new Set(Object.keys(PROBLEMS)));
    for (const { responses } of operations.values()) {
      for (const [status, { content, headers }] of Object.entries(responses)) {
        const codes = Object.keys(content['application/problem+json']?.examples ?? {});
        const entries = Object.entries(PROBLEMS).filter(([code]) => codes.includes(code));
        for (const [code, entry] of entries) expect([code, entry.status]).toEqual([code, Number(status)]);
        const isTimed = entries.some(([, entry]) => 'retryAfterSeconds' in entry);
        expect('Retry-After' in headers).toBe(isTimed);
        expect('WWW-Authenticate' in headers).toBe(['401', '403'].includes(status));
      }
    }
  });

  it('ask for a key with their scope, unless what it allows is public', () => {
    const withPublic = operationsOf(createOpenApi(attrition, { ...CLOSED, publicScopes: ['predict'] }));
    expect(operations.get('POST /v1/predict')?.security).toEqual([{ bearer: ['predict'] }, { apiKey: ['predict'] }]);
    expect(withPublic.get('POST /v1/predict')?.security).toEqual([
      {},
      { bearer: ['predict'] },
      { apiKey: ['predict'] },
    ]);
    const problems = (all: Map<string, Operation>, name: string) => problemsOf(Operation.parse(all.get(name)));
    expect(problems(operations, 'POST /v1/predict')).toEqual(
      expect.arrayContaining(['missing-key', 'insufficient-scope']),
    );
    expect(problems(withPublic, 'POST /v1/predict')).not.toContain('missing-key');
    expect(problems(withPublic, 'POST /v1/predict')).not.toContain('insufficient-scope');
    expect(problems(withPublic, 'POST /v1/predict')).toContain('invalid-key');
    expect(problems(withPublic, 'GET /v1/predictions')).toContain('missing-key');
    for (const name of ['GET /v1/model', 'GET /openapi.json', 'GET /health/live', 'GET /health/ready']) {
      expect(operations.get(name)?.security, name).toEqual([{}]);
    }
  });

  it('take the parameters that the API reads, within its limits', () => {
    const names = (name: string) =>
      operations
        .get(name)
        ?.parameters.flatMap((it) => (it.name === undefined ? [] : [it.name]))
        .sort();
    expect(names('GET /v1/predictions')).toEqual(Object.keys(PageQuery.shape).sort());
    expect(names('GET /v1/predictions/export')).toEqual(Object.keys(ExportQuery.shape).sort());
    expect(names('DELETE /v1/predictions')).toEqual(Object.keys(ErasureQuery.shape));
    expect(names('POST /v1/predict')).toEqual(['Idempotency-Key']);
    const limit = operations.get('GET /v1/predictions')?.parameters.find(({ name }) => name === 'limit');
    expect(limit).toMatchObject({ schema: { minimum: 1, maximum: 200, default: PageQuery.parse({}).limit } });
    expect([PageQuery.safeParse({ limit: '200' }).success, PageQuery.safeParse({ limit: '201' }).success]).toEqual([
      true,
      false,
    ]);
  });
});
