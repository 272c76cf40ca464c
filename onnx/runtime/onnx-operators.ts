import { bytesOf, type Field, readFields, textsOf } from '../onnx-fields.ts';

/** What a graph asks of the runtime that runs it. */
type Requirements = {
  /** Every operator once, as "Add" or "ai.onnx.ml.Scaler", sorted. */
  operators: string[];
  /** The version of each set of operators. */
  opsets: Record<string, number>;
};

/** The numbers of fields in https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
const MODEL = { graph: 7, opsetImport: 8, functions: 25 } as const;
const OPSET = { domain: 1, version: 2 } as const;
const GRAPH = { node: 1 } as const;
const FUNCTION = { node: 7 } as const;
const NODE = { operator: 4, attribute: 5, domain: 7 } as const;
const ATTRIBUTE = { graph: 6, graphs: 11 } as const;

/** Reads which operators a graph has, those of inner graphs included. Throws where the bytes are not an ONNX model. */
export function readRequirements(model: Uint8Array): Requirements {
  const operators = new Set<string>();
  const opsets: Record<string, number> = {};
  for (const field of readFields(model)) {
    if (field.number === MODEL.graph) addNodes(bytesOf(field), GRAPH.node, operators);
    if (field.number === MODEL.functions) addNodes(bytesOf(field), FUNCTION.node, operators);
    if (field.number === MODEL.opsetImport) {
      const opset = readFields(bytesOf(field));
      const domain = textOf(opset, OPSET.domain) || 'ai.onnx';
      opsets[domain] = opset.find((it) => it.number === OPSET.version)?.integer ?? 0;
    }
  }
  return { operators: [...operators].sort(), opsets };
}

function addNodes(graph: Uint8Array, nodeField: number, operators: Set<string>): void {
  for (const field of readFields(graph).filter(({ number }) => number === nodeField)) {
    const node = readFields(bytesOf(field));
    const domain = textOf(node, NODE.domain);
    operators.add(`${domain === '' || domain === 'ai.onnx' ? '' : `${domain}.`}${textOf(node, NODE.operator)}`);
    const attributes = node.filter(({ number }) => number === NODE.attribute);
    const parts = attributes.flatMap((attribute) => readFields(bytesOf(attribute)));
    const inner = parts.filter(({ number }) => number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs);
    for (const body of inner) addNodes(bytesOf(body), GRAPH.node, operators);
  }
}

function textOf(message: readonly Field[], number: number): string {
  return textsOf(message, number)[0] ?? '';
}
