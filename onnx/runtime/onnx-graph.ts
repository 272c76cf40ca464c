/**
 * Writes ONNX graphs: as much of the format (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) as graphs of one
 * operator, or of a few, need.
 */

import { writeField, writeFloat, writeInteger, writeMessage, writeSigned, writeText } from '../onnx-fields.ts';

/** The element types that occur, with the numbers that the format gives them. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, string: 8, bool: 9, float64: 11 } as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** A tensor's elements in row-major order; an int64 must be a safe integer, a bool is 0 or 1. */
export type TensorValue = { type: ElementType; dims: readonly number[]; data: readonly (number | string)[] };

export type Attribute =
  | { float: number }
  | { int: number }
  | { text: string }
  | { floats: readonly number[] }
  | { ints: readonly number[] }
  | { texts: readonly string[] }
  | { tensor: TensorValue };
export type Attributes = Readonly<Record<string, Attribute>>;

export type Domain = 'ai.onnx' | 'ai.onnx.ml';

export type Node = {
  domain: Domain;
  type: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Attributes;
};

/** A tensor's name and type; a dimension is null where it differs from run to run. */
export type Typed = { name: string; type: ElementType; dims: readonly (number | null)[] };

export type Graph = {
  inputs: readonly Typed[];
  /** The type of an output is the runtime's to find out where it is not given. */
  outputs: readonly (string | Typed)[];
  constants: Readonly<Record<string, TensorValue>>;
  nodes: readonly Node[];
  opsets: Readonly<Record<Domain, number>>;
  /**
   * "described" as some converters do it: everything has a name and a text, and numbers of constants are lists; "bare" as
   * others do, who give nodes no names and write numbers as bytes. Reading either is code of the runtime.
   */
  style: 'bare' | 'described';
};

/** Of onnx 1.16: the oldest that knows all operators that are written here. */
const IR_VERSION = 10;
/** Longer than what a short string can be. */
const DESCRIPTION = 'A description that says what this is, in some words.';

/** The bytes of a model with this graph. */
export function writeModel({ opsets, ...graph }: Graph): Uint8Array<ArrayBuffer> {
  const description = [
    writeText(2, 'a converter'),
    writeText(3, '1.0.0'),
    writeText(4, 'ai.onnx'),
    writeInteger(5, 1),
    writeText(6, DESCRIPTION),
    ...['name', 'version'].map((key) => writeField(14, writeMessage(writeText(1, key), writeText(2, DESCRIPTION)))),
  ];
  return writeMessage(
    writeInteger(1, IR_VERSION),
    writeField(7, writeGraph(graph)),
    ...Object.entries(opsets).map(([domain, version]) =>
      writeField(8, writeMessage(writeText(1, domain === 'ai.onnx' ? '' : domain), writeInteger(2, version))),
    ),
    ...(graph.style === 'described' ? description : []),
  );
}

function writeGraph({ inputs, outputs, constants, nodes, style }: Omit<Graph, 'opsets'>): Uint8Array {
  const described = style === 'described' ? [writeText(10, DESCRIPTION)] : [];
  return writeMessage(
    ...nodes.map((node, i) =>
      writeField(1, writeNode(node, style === 'described' ? `number ${i}, ${node.type}` : null)),
    ),
    writeText(2, 'graph'),
    ...Object.entries(constants).map(([name, value]) =>
      writeField(5, writeMessage(writeTensor(value, style), writeText(8, name))),
    ),
    ...described,
    ...inputs.map((input) => writeField(11, writeTyped(input))),
    ...outputs.map((output) => writeField(12, typeof output === 'string' ? writeText(1, output) : writeTyped(output))),
  );
}

function writeTyped({ name, type, dims }: Typed): Uint8Array {
  const shape = dims.map((size, i) => writeField(1, size === null ? writeText(2, `rows${i}`) : writeInteger(1, size)));
  const tensor = writeMessage(writeInteger(1, ELEMENT_TYPES[type]), writeField(2, writeMessage(...shape)));
  return writeMessage(writeText(1, name), writeField(2, writeField(1, tensor)));
}

function writeNode({ domain, type, inputs, outputs, attributes }: Node, name: string | null): Uint8Array {
  return writeMessage(
    ...inputs.map((input) => writeText(1, input)),
    ...outputs.map((output) => writeText(2, output)),
    ...(name === null ? [] : [writeText(3, name), writeText(6, DESCRIPTION)]),
    writeText(4, type),
    ...Object.entries(attributes).map(([key, value]) =>
      writeField(5, writeMessage(writeText(1, key), writeAttribute(value))),
    ),
    writeText(7, domain === 'ai.onnx' ? '' : domain),
  );
}

/** The value of an attribute, and the number of its type. */
function writeAttribute(value: Attribute): Uint8Array {
  if ('float' in value) return writeMessage(writeFloat(2, value.float), writeInteger(20, 1));
  if ('int' in value) return writeMessage(writeInteger(3, value.int), writeInteger(20, 2));
  if ('text' in value) return writeMessage(writeText(4, value.text), writeInteger(20, 3));
  if ('tensor' in value) return writeMessage(writeField(5, writeTensor(value.tensor, 'bare')), writeInteger(20, 4));
  if ('floats' in value)
    return writeMessage(...value.floats.map((number) => writeFloat(7, number)), writeInteger(20, 6));
  if ('ints' in value) return writeMessage(...value.ints.map((number) => writeInteger(8, number)), writeInteger(20, 7));
  return writeMessage(...value.texts.map((word) => writeText(9, word)), writeInteger(20, 8));
}

function writeTensor({ type, dims, data }: TensorValue, style: Graph['style']): Uint8Array {
  return writeMessage(
    ...dims.map((size) => writeInteger(1, size)),
    writeInteger(2, ELEMENT_TYPES[type]),
    ...(type === 'string'
      ? data.map((word) => writeText(6, String(word)))
      : [style === 'described' ? listData(type, data.map(Number)) : writeField(9, rawData(type, data))]),
  );
}

/** Small types are written as those of 32 bits. */
function listData(type: Exclude<ElementType, 'string'>, numbers: readonly number[]): Uint8Array {
  switch (type) {
    case 'float32':
      return writeField(4, new Uint8Array(Float32Array.from(numbers).buffer));
    case 'float64':
      return writeField(10, new Uint8Array(Float64Array.from(numbers).buffer));
    case 'int64':
      return writeField(7, writeMessage(...numbers.map(writeSigned)));
    default:
      return writeField(5, writeMessage(...numbers.map(writeSigned)));
  }
}

function rawData(type: Exclude<ElementType, 'string'>, data: readonly (number | string)[]): Uint8Array {
  const numbers = data.map(Number);
  const array = typedArray(type, numbers);
  return new Uint8Array(array.buffer);
}

function typedArray(type: Exclude<ElementType, 'string'>, numbers: readonly number[]) {
  switch (type) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'float64':
      return Float64Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(numbers, BigInt);
    case 'bool':
    case 'uint8':
      return Uint8Array.from(numbers);
  }
}
