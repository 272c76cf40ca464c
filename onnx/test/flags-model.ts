import { type Attributes, ELEMENT_TYPES, type Node, writeModel } from '../runtime/onnx-graph.ts';

/** How much each flag adds to the probability, in the order of the contract: every combination has a sum of its own. */
export const FLAG_WEIGHTS = [0.5, 0.25, 0.125, 0.0625];

/** The graph of the contract of flags: bool, int64, float32 and text are made numbers, weighed and added up. */
export function writeFlagsModel(): Uint8Array<ArrayBuffer> {
  return writeModel({
    inputs: (['bool', 'int64', 'float32', 'string'] as const).map((type) => ({ name: type, type, dims: [null, 1] })),
    outputs: [{ name: 'p', type: 'float32', dims: [null] }],
    constants: {
      weights: { type: 'float32', dims: [1, 4], data: FLAG_WEIGHTS },
      axes: { type: 'int64', dims: [1], data: [1] },
    },
    nodes: [
      ...['bool', 'int64'].map((name) =>
        node('Cast', [name], `${name}-number`, { to: { int: ELEMENT_TYPES.float32 } }),
      ),
      node('LabelEncoder', ['string'], 'string-number', {
        keys_strings: { texts: ['Oui', 'Non'] },
        values_floats: { floats: [1, 0] },
        default_float: { float: 0.5 },
      }),
      node('Concat', ['bool-number', 'int64-number', 'float32', 'string-number'], 'columns', { axis: { int: 1 } }),
      node('Mul', ['columns', 'weights'], 'weighed'),
      node('ReduceSum', ['weighed', 'axes'], 'p', { keepdims: { int: 0 } }),
    ],
    opsets: { 'ai.onnx': 20, 'ai.onnx.ml': 3 },
    style: 'described',
  });
}

function node(type: string, inputs: string[], output: string, attributes: Attributes = {}): Node {
  return { domain: type === 'LabelEncoder' ? 'ai.onnx.ml' : 'ai.onnx', type, inputs, outputs: [output], attributes };
}
