import { describe, expect, it } from 'vitest';
import { utf8Length } from '../bytes.ts';
import { binary } from '../test/binary.ts';
import { OLD_MESSAGES } from '../test/old-messages.ts';
import type { BinaryPrediction } from '../test/prediction.ts';
import type { Prediction } from './prediction.ts';
import { packPredictions, readMessage } from './prediction-message.ts';

function made(i: number, changes: Partial<BinaryPrediction> = {}): Prediction {
  return {
    id: `01a2088d-f1d4-7155-ad9e-${String(i).padStart(12, '0')}`,
    createdAt: '2026-11-23T10:00:00.000Z',
    identifier: i % 2 === 0 ? i + 1 : null,
    keyId: 'hr',
    model: { name: 'made-up', version: '1.0.0', sha256: 'a'.repeat(64), contractSha256: 'c'.repeat(64) },
    input: { métier: i % 3 === 0 ? 'Développeuse 🧭' : 'Cadre', age: i },
    label: 'leaves',
    probability: 0.625,
    threshold: 0.5,
    risk: 'high',
    warnings:
      i % 5 === 0
        ? [{ fields: ['age'], code: 'outside-training-range', message: { fr: 'Âge hors plage.', en: 'Age.' } }]
        : [],
    ...changes,
  };
}

const OLD_IDS = ['019ad3b2-5c7b-7155-ad9e-000000000001', '019ad3b2-5c7b-7155-ad9e-000000000002'];

const bytesOf = (text: string) => new TextEncoder().encode(text).byteLength;

describe('predictions in messages', () => {
  it('come out as they went in, in order, within the size', () => {
    const predictions = Array.from({ length: 500 }, (_, i) => made(i));
    const messages = packPredictions(predictions, 5000);
    expect(messages.flatMap(({ body }) => readMessage(body).predictions)).toEqual(predictions);
    expect(messages.map(({ count }) => count).reduce((a, b) => a + b)).toBe(500);
    for (const { body, bytes } of messages) {
      expect(bytesOf(body)).toBeLessThanOrEqual(bytes);
      expect(bytes).toBeLessThanOrEqual(5000);
    }
    expect(messages.length).toBeLessThan(bytesOf(JSON.stringify(predictions)) / 5000 / 1.5);
  });

  it('share a message only with what was made alike', () => {
    const apart = [made(1), made(2, { keyId: null }), made(3, { input: { age: 3 } }), made(4, { input: { age: 4 } })];
    const messages = packPredictions(apart, 5000);
    expect(messages.map(({ count }) => count)).toEqual([1, 1, 2]);
    expect(messages.flatMap(({ body }) => readMessage(body).predictions)).toEqual(apart);
  });

  it('have a message of their own where they are too large for any', () => {
    expect(packPredictions([made(1), made(2), made(3)], 10).map(({ count }) => count)).toEqual([1, 1, 1]);
    expect(packPredictions([], 10)).toEqual([]);
  });
});

describe('a message', () => {
  it('of older code is read as well, parsed or not', () => {
    for (const body of [made(1), [made(1)], JSON.stringify([made(1)])])
      expect(readMessage(body)).toEqual({ predictions: [made(1)], malformed: [] });
    const { keyId: _, ...before } = made(1);
    expect(readMessage(before).predictions).toEqual([{ ...made(1), keyId: null }]);
  });

  it.each(Object.entries(OLD_MESSAGES))('that older code really sent is read, parsed or not: %s', (form, body) => {
    const { predictions, malformed } = readMessage(body);
    expect(malformed).toEqual([]);
    expect(predictions.map(({ id }) => id)).toEqual(form === 'single' ? OLD_IDS.slice(0, 1) : OLD_IDS);
    for (const { model, keyId, createdAt, input, ...outcome } of predictions) {
      expect(model).toEqual({
        name: 'technova-attrition',
        version: '1.0.0',
        sha256: '154a7b558e97551db10dceda4ddb6da3826f3b83ba69c6b414c591746f8b17c0',
        contractSha256: null,
      });
      expect([keyId, createdAt, binary(outcome).threshold]).toEqual(['hr-app', '2026-11-30T08:15:00.123Z', 0.32]);
      expect(Object.keys(input)).toHaveLength(27);
    }
    expect(readMessage(JSON.parse(body)).predictions).toEqual(predictions);
    expect(predictions).toEqual(readMessage(OLD_MESSAGES.array).predictions.slice(0, predictions.length));
  });

  it('says its schema version, and carries the digest of the contract', () => {
    const [message] = packPredictions([made(1)], 5000);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      schemaVersion: 2,
      shared: { model: { contractSha256: 'c'.repeat(64) } },
    });
  });

  it.each([
    ['packed', { schemaVersion: 4, shared: {}, rows: [] }],
    ['packed as now', { ...JSON.parse(packPredictions([made(1)], 5000)[0]?.body ?? ''), schemaVersion: 4 }],
    ['single', { ...made(1), schemaVersion: 4 }],
    ['of any shape', { schemaVersion: 99, what: 'nobody knows' }],
  ])('of a newer schema is kept whole, to be read by newer code: %s', (_title, value) => {
    for (const body of [value, JSON.stringify(value)]) {
      const { predictions, malformed } = readMessage(body);
      expect(predictions).toEqual([]);
      expect(malformed).toEqual([{ value, reason: expect.any(Error) }]);
      expect(String(malformed[0]?.reason)).toMatch(
        /schema version \d+, and this code reads up to 3: deploy newer code/,
      );
    }
  });

  it.each(['2', 0, 1.5, null])('with schema version %j is none', (schemaVersion) => {
    expect(readMessage({ ...made(1), schemaVersion })).toMatchObject({ predictions: [], malformed: [{}] });
  });

  it('that was set aside is an array of messages, each read as it is alone', () => {
    const [packed] = packPredictions([made(1), made(2)], 5000);
    const body = [JSON.parse(packed?.body ?? ''), made(3), { schemaVersion: 4 }, [made(4)]];
    const { predictions, malformed } = readMessage(body);
    expect(predictions).toEqual([made(1), made(2), made(3)]);
    expect(malformed.map(({ value }) => value)).toEqual(body.slice(2));
  });

  it('gives what can be read of it, and the rest as a message of its own', () => {
    const [message] = packPredictions([made(1), made(2), made(3)], 5000);
    const body = JSON.parse(message?.body ?? '');
    body.rows[1][3] = 2;
    body.rows[2][6].pop();
    const { predictions, malformed } = readMessage(body);
    expect(predictions).toEqual([made(1)]);
    expect(malformed).toHaveLength(2);
    expect(malformed.map(({ value }) => readMessage(value).malformed.length)).toEqual([1, 1]);
  });

  it.each([['{'], [null], [42], [{ shared: {}, rows: [] }], ['"text"']])('that is none: %j', (body) => {
    const { predictions, malformed } = readMessage(body);
    expect([predictions, malformed.length]).toEqual([[], 1]);
  });
});

it('the length of a text in UTF-8', () => {
  for (const text of ['', 'abc', 'é', '€', '🧭', 'aé€🧭z', '\u0000\u007f\u0080\u07ff\u0800\uffff'])
    expect(utf8Length(text), text).toBe(bytesOf(text));
});
