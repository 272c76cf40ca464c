import { type Node, writeModel } from '../runtime/onnx-graph.ts';

/** What each of two numbers adds to the score of each class, or to the value. */
const CLASS_WEIGHTS = [
  [1, -0.5, 0.25],
  [-0.25, 0.5, 1],
];
const VALUE_WEIGHTS = [1000, -12.5];

const node = (type: string, inputs: string[], output: string): Node => {
  return { domain: 'ai.onnx', type, inputs, outputs: [output], attributes: {} };
};

/** A graph of two numbers: the softmax of three scores, [rows, 3]. */
export function writeMulticlassModel(): Uint8Array<ArrayBuffer> {
  return writeModel({
    inputs: [{ name: 'x', type: 'float32', dims: [null, 2] }],
    outputs: [{ name: 'probabilities', type: 'float32', dims: [null, 3] }],
    constants: { weights: { type: 'float32', dims: [2, 3], data: CLASS_WEIGHTS.flat() } },
    nodes: [node('MatMul', ['x', 'weights'], 'scores'), node('Softmax', ['scores'], 'probabilities')],
    opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
    style: 'described',
  });
}

/** A graph of two numbers: their weighted sum, [rows, 1]. */
export function writeRegressionModel(): Uint8Array<ArrayBuffer> {
  return writeModel({
    inputs: [{ name: 'x', type: 'float32', dims: [null, 2] }],
    outputs: [{ name: 'value', type: 'float32', dims: [null, 1] }],
    constants: { weights: { type: 'float32', dims: [2, 1], data: VALUE_WEIGHTS } },
    nodes: [node('MatMul', ['x', 'weights'], 'value')],
    opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
    style: 'described',
  });
}
