import { describe, expect, it } from 'vitest';
import { outputKind } from '../../contract/outputs/outputs.ts';
import type { Prediction } from '../../history/prediction.ts';
import { attrition } from '../../test/contracts.ts';
import { readOutputs, toInferAnswer, type WantedOutput } from './infer-answer.ts';
import { parseInferRequest } from './infer-request.ts';
import { outputsOf as outputsOfKind } from './metadata.ts';
import { Refusal } from './refusal.ts';

const encodeText = (text: string) => new TextEncoder().encode(text);
const inputs = [{ name: 'age', datatype: 'INT64', shape: [1], data: [41] }];

const known = outputsOfKind(outputKind(attrition.output));

function readFrom(more: object): WantedOutput[] | Refusal {
  const request = parseInferRequest({ inputs, ...more });
  if (request instanceof Refusal) throw new Error(request.reason);
  return readOutputs(request, known);
}

/** Which outputs a request asks for; or why it is refused. */
function outputsOf(more: object) {
  const wanted = readFrom(more);
  return wanted instanceof Refusal ? wanted : wanted.map(({ name, isBinary }) => ({ name, isBinary }));
}

/** Outputs by their names. */
function wantedOf(outputs: { name: string; isBinary: boolean }[]): WantedOutput[] {
  const wanted = readFrom({
    outputs: outputs.map(({ name, isBinary }) => ({ name, parameters: { binary_data: isBinary } })),
  });
  if (wanted instanceof Refusal) throw new Error(wanted.reason);
  return wanted;
}

const prediction: Prediction = {
  id: '01a2088d-f1d4-7155-ad9e-59a6147c005e',
  createdAt: '2026-11-23T10:00:00.000Z',
  identifier: null,
  keyId: null,
  model: { name: 'made-up', version: '1.2.3', sha256: 'a'.repeat(64), contractSha256: 'c'.repeat(64) },
  input: {},
  label: 'départ',
  probability: 0.625,
  threshold: 0.5,
  risk: 'high',
  warnings: [],
};
const first = { prediction, recorded: 'queued' as const };
const second = {
  prediction: { ...prediction, label: 'stays', probability: 0.25, risk: 'low' },
  recorded: 'queued' as const,
};

it('a request with more tensors than any model has is refused by their number', () => {
  const inputs = Array.from({ length: 300_000 }, () => ({}));
  expect(parseInferRequest({ inputs })).toMatchObject({ reason: expect.stringContaining('at most 2000') });
});

describe('the outputs', () => {
  it('are all that there are, as JSON, unless asked for otherwise', () => {
    const all = (isBinary: boolean) =>
      ['label', 'probability', 'risk', 'threshold', 'prediction_id'].map((name) => ({ name, isBinary }));
    expect(outputsOf({})).toEqual(all(false));
    expect(outputsOf({ outputs: [] })).toEqual(all(false));
    expect(outputsOf({ parameters: { binary_data_output: true } })).toEqual(all(true));
  });

  it('are those that were asked for, in their order, each binary or not', () => {
    const outputs = [
      { name: 'risk', parameters: { binary_data: true } },
      { name: 'prediction_id', parameters: { binary_data: false } },
      { name: 'threshold' },
    ];
    const answer = (isBinary: boolean) => [
      { name: 'risk', isBinary: true },
      { name: 'prediction_id', isBinary: false },
      { name: 'threshold', isBinary },
    ];
    expect(outputsOf({ outputs })).toEqual(answer(false));
    expect(outputsOf({ outputs, parameters: { binary_data_output: true } })).toEqual(answer(true));
  });

  it.each([
    ['one that there is not', [{ name: 'logits' }], /There is no output "logits"; there are label, probability/],
    ['one of the prototype', [{ name: 'constructor' }], /There is no output "constructor"/],
    ['one twice', [{ name: 'label' }, { name: 'label' }], /"label" is asked for twice/],
  ])('are refused: %s', (_what, outputs, reason) => {
    expect(outputsOf({ outputs })).toMatchObject({ reason: expect.stringMatching(reason) });
  });
});

describe('the answer', () => {
  it('is all JSON', () => {
    const wanted = wantedOf(
      ['label', 'probability', 'risk', 'threshold', 'prediction_id'].map((name) => ({ name, isBinary: false })),
    );
    expect(toInferAnswer([first, second], wanted, 'i-1', encodeText)).toEqual({
      json: {
        model_name: 'made-up',
        model_version: '1.2.3',
        id: 'i-1',
        parameters: { recorded: 'queued' },
        outputs: [
          { name: 'label', datatype: 'BYTES', shape: [2], data: ['départ', 'stays'] },
          { name: 'probability', datatype: 'FP64', shape: [2], data: [0.625, 0.25] },
          { name: 'risk', datatype: 'BYTES', shape: [2], data: ['high', 'low'] },
          { name: 'threshold', datatype: 'FP64', shape: [2], data: [0.5, 0.5] },
          { name: 'prediction_id', datatype: 'BYTES', shape: [2], data: [prediction.id, prediction.id] },
        ],
      },
      binary: [],
    });
  });

  it('has binary data, little-endian and after its length in bytes', () => {
    const wanted = wantedOf([
      { name: 'label', isBinary: true },
      { name: 'probability', isBinary: true },
      { name: 'threshold', isBinary: false },
    ]);
    const { json, binary } = toInferAnswer([first], wanted, null, encodeText);
    expect(json).not.toHaveProperty('id');
    expect(json.outputs).toEqual([
      { name: 'label', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: 11 } },
      { name: 'probability', datatype: 'FP64', shape: [1], parameters: { binary_data_size: 8 } },
      { name: 'threshold', datatype: 'FP64', shape: [1], data: [0.5] },
    ]);
    expect(binary.map((bytes) => [...bytes])).toEqual([
      [7, 0, 0, 0, 100, 195, 169, 112, 97, 114, 116],
      [0, 0, 0, 0, 0, 0, 0xe4, 0x3f],
    ]);
  });

  it('says if one prediction will not be kept', () => {
    const { json } = toInferAnswer([first, { ...second, recorded: 'failed' }], [], null, encodeText);
    expect(json.parameters).toEqual({ recorded: 'failed' });
  });
});
