import { expect, it } from 'vitest';
import { attrition } from '../../test/contracts.ts';
import { describeModel } from './metadata.ts';

it('names a tensor for each feature, and the outputs', () => {
  const { name, versions, platform, inputs, outputs } = describeModel(attrition, ['1.0.0', '1.1.0']);
  expect({ name, versions, platform }).toEqual({
    name: attrition.name,
    versions: ['1.0.0', '1.1.0'],
    platform: 'onnx_onnxv1',
  });
  expect(inputs.map((input) => input.name)).toEqual(attrition.features.map((feature) => feature.name));
  expect(inputs).toEqual(
    expect.arrayContaining([
      { name: 'age', datatype: 'INT64', shape: [-1] },
      { name: 'revenu_mensuel', datatype: 'FP64', shape: [-1] },
      { name: 'genre', datatype: 'BYTES', shape: [-1] },
    ]),
  );
  expect(outputs.slice(0, 2)).toEqual([
    { name: 'label', datatype: 'BYTES', shape: [-1] },
    { name: 'probability', datatype: 'FP64', shape: [-1] },
  ]);
});
