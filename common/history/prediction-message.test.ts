import { describe, expect, it } from 'vitest';
import { utf8Length } from '../bytes.ts';
import type { Prediction } from './prediction.ts';
import { packPredictions, readMessage } from './prediction-message.ts';

function made(i: number, changes: Partial<Prediction> = {}): Prediction {
  return {
    id: `01a2088d-f1d4-7155-ad9e-${String(i).padStart(12, '0')}`,
    createdAt: '2026-11-23T10:00:00.000Z',
    identifier: i % 2 === 0 ? i + 1 : null,
    keyId: 'hr',
    model: { name: 'made-up', version: '1.0.0', sha256: 'a'.repeat(64) },
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
