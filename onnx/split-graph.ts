import {
  bytesOf,
  type Field,
  readFields,
  textsOf,
  wholeOf,
  writeField,
  writeInteger,
  writeMessage,
  writeText,
} from './onnx-fields.ts';

/** The numbers of fields in https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
const NODE = { input: 1, output: 2, operator: 4 } as const;
const TENSOR = { name: 8 } as const;
const VALUE = { name: 1, type: 2 } as const;

/** Two ONNX models in place of one: the tail computes the same from what the head makes of one of the inputs. */
export type SplitGraph = {
  head: Uint8Array<ArrayBuffer>;
  tail: Uint8Array<ArrayBuffer>;
  /** The matrix of float32 between them: the output of the head, and an input of the tail. */
  cut: string;
};

/**
 * Splits a model where what follows from one of its inputs alone meets the rest. Null where that is not in one place, or where
 * nodes have graphs of their own.
 */
export function splitGraph(model: Uint8Array, input: string): SplitGraph | null {
  const fields = readFields(model);
  const graph = fields.filter(({ number }) => number === MODEL.graph).flatMap((field) => readFields(bytesOf(field)));
  const nodes = fieldsOf(graph, GRAPH.node).map(readNode);
  const constants = named(fieldsOf(graph, GRAPH.initializer), TENSOR.name);
  const inputs = named(fieldsOf(graph, GRAPH.input), VALUE.name);
  const outputs = named(fieldsOf(graph, GRAPH.output), VALUE.name);
  // Older models list their constants among the inputs.
  const others = [...inputs.keys()].filter((name) => name !== input && !constants.has(name));
  const { head, tail, made } = partNodes(nodes, input, others);
  const needed = [...tail.flatMap((node) => node.inputs), ...outputs.keys()];
  const [cut, ...more] = new Set(needed.filter((name) => made.has(name)));
  if (cut === undefined || cut === input || more.length > 0 || nodes.some(({ hasGraph }) => hasGraph)) return null;

  const modelOf = (part: readonly Node[], ...ends: (Uint8Array | undefined)[]) => {
    const used = [...new Set(part.flatMap((node) => node.inputs))].filter((name) => constants.has(name));
    const parts = [
      ...part.map(({ bytes }) => bytes),
      ...used.flatMap((name) => [constants.get(name), inputs.get(name)]),
    ];
    const rest = graph.filter(({ number }) => !REPLACED.includes(number)).map(wholeOf);
    return writeMessage(
      ...fields.filter(({ number }) => number !== MODEL.graph).map(wholeOf),
      writeField(MODEL.graph, writeMessage(...rest, ...[...parts, ...ends].filter((it) => it !== undefined))),
    );
  };
  return {
    cut,
    head: modelOf(head, inputs.get(input), writeField(GRAPH.output, writeText(VALUE.name, cut))),
    tail: modelOf(
      tail,
      ...others.map((name) => inputs.get(name)),
      writeField(GRAPH.input, writeMatrix(cut)),
      ...outputs.values(),
    ),
  };
}

/** The fields that each part has of its own. The description of the values between nodes is optional in a graph. */
const REPLACED: readonly number[] = [GRAPH.node, GRAPH.initializer, GRAPH.input, GRAPH.output, GRAPH.valueInfo];

/** Fields by the names in their messages. */
function named(fields: readonly Field[], number: number): Map<string, Uint8Array> {
  return new Map(
    fields.flatMap((field) => textsOf(readFields(bytesOf(field)), number).map((name) => [name, wholeOf(field)])),
  );
}

/** The operators with inner graphs, which may use any value of the outer graph. */
const WITH_GRAPHS = ['If', 'Loop', 'Scan', 'SequenceMap'];

type Node = { inputs: string[]; outputs: string[]; hasGraph: boolean; bytes: Uint8Array };

function readNode(field: Field): Node {
  const node = readFields(bytesOf(field));
  return {
    // An optional input that is left out has no name.
    inputs: textsOf(node, NODE.input).filter((name) => name !== ''),
    outputs: textsOf(node, NODE.output),
    hasGraph: textsOf(node, NODE.operator).some((operator) => WITH_GRAPHS.includes(operator)),
    bytes: wholeOf(field),
  };
}

/** The nodes that follow from the input alone, all others, and what the first ones make. Nodes of constants are in both. */
function partNodes(nodes: readonly Node[], input: string, others: readonly string[]) {
  const made = new Set([input]);
  const foreign = new Set(others);
  const [head, tail]: [Node[], Node[]] = [[], []];
  // A graph's nodes are in an order in which each comes after what it needs.
  for (const node of nodes) {
    const isForeign = node.inputs.some((name) => foreign.has(name));
    const isMade = !isForeign && node.inputs.some((name) => made.has(name));
    if (!isForeign) head.push(node);
    if (!isMade) tail.push(node);
    for (const output of node.outputs) {
      if (isForeign) foreign.add(output);
      if (isMade) made.add(output);
    }
  }
  return { head, tail, made };
}

function fieldsOf(message: readonly Field[], number: number): Field[] {
  return message.filter((it) => it.number === number);
}

/** A matrix of float32 whose rows and columns are what they turn out to be. */
function writeMatrix(name: string): Uint8Array {
  const FLOAT32 = 1;
  const dimensions = ['rows', 'columns'].map((size) => writeField(1, writeText(2, `${name} ${size}`)));
  const tensor = writeMessage(writeInteger(1, FLOAT32), writeField(2, writeMessage(...dimensions)));
  return writeMessage(writeText(VALUE.name, name), writeField(VALUE.type, writeField(1, tensor)));
}
