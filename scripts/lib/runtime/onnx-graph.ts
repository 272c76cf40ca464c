/**
 * Writes ONNX graphs: as much of the format (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) as graphs of one
 * operator, or of a few, need.
 */

/** The element types that occur, with the numbers that the format gives them. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, string: 8, bool: 9, float64: 11 } as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** A tensor's elements in row-major order; an int64 must be a safe integer, a bool is 0 or 1. */
export type TensorValue = { type: ElementType; dims: readonly number[]; data: readonly (number | string)[] };

type Attribute =
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
    text(2, 'a converter'),
    text(3, '1.0.0'),
    text(4, 'ai.onnx'),
    integer(5, 1),
    text(6, DESCRIPTION),
    ...['name', 'version'].map((key) => field(14, message(text(1, key), text(2, DESCRIPTION)))),
  ];
  return message(
    integer(1, IR_VERSION),
    field(7, writeGraph(graph)),
    ...Object.entries(opsets).map(([domain, version]) =>
      field(8, message(text(1, domain === 'ai.onnx' ? '' : domain), integer(2, version))),
    ),
    ...(graph.style === 'described' ? description : []),
  );
}

function writeGraph({ inputs, outputs, constants, nodes, style }: Omit<Graph, 'opsets'>): Uint8Array {
  const described = style === 'described' ? [text(10, DESCRIPTION)] : [];
  return message(
    ...nodes.map((node, i) => field(1, writeNode(node, style === 'described' ? `number ${i}, ${node.type}` : null))),
    text(2, 'graph'),
    ...Object.entries(constants).map(([name, value]) => field(5, message(writeTensor(value, style), text(8, name)))),
    ...described,
    ...inputs.map((input) => field(11, writeTyped(input))),
    ...outputs.map((output) => field(12, typeof output === 'string' ? text(1, output) : writeTyped(output))),
  );
}

function writeTyped({ name, type, dims }: Typed): Uint8Array {
  const shape = dims.map((size, i) => field(1, size === null ? text(2, `rows${i}`) : integer(1, size)));
  const tensor = message(integer(1, ELEMENT_TYPES[type]), field(2, message(...shape)));
  return message(text(1, name), field(2, field(1, tensor)));
}

function writeNode({ domain, type, inputs, outputs, attributes }: Node, name: string | null): Uint8Array {
  return message(
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    ...(name === null ? [] : [text(3, name), text(6, DESCRIPTION)]),
    text(4, type),
    ...Object.entries(attributes).map(([key, value]) => field(5, message(text(1, key), writeAttribute(value)))),
    text(7, domain === 'ai.onnx' ? '' : domain),
  );
}

/** The value of an attribute, and the number of its type. */
function writeAttribute(value: Attribute): Uint8Array {
  if ('float' in value) return message(float(2, value.float), integer(20, 1));
  if ('int' in value) return message(integer(3, value.int), integer(20, 2));
  if ('text' in value) return message(text(4, value.text), integer(20, 3));
  if ('tensor' in value) return message(field(5, writeTensor(value.tensor, 'bare')), integer(20, 4));
  if ('floats' in value) return message(...value.floats.map((number) => float(7, number)), integer(20, 6));
  if ('ints' in value) return message(...value.ints.map((number) => integer(8, number)), integer(20, 7));
  return message(...value.texts.map((word) => text(9, word)), integer(20, 8));
}

function writeTensor({ type, dims, data }: TensorValue, style: Graph['style']): Uint8Array {
  return message(
    ...dims.map((size) => integer(1, size)),
    integer(2, ELEMENT_TYPES[type]),
    ...(type === 'string'
      ? data.map((word) => text(6, String(word)))
      : [style === 'described' ? listData(type, data.map(Number)) : field(9, rawData(type, data))]),
  );
}

/** Small types are written as those of 32 bits. */
function listData(type: Exclude<ElementType, 'string'>, numbers: readonly number[]): Uint8Array {
  switch (type) {
    case 'float32':
      return field(4, new Uint8Array(Float32Array.from(numbers).buffer));
    case 'float64':
      return field(10, new Uint8Array(Float64Array.from(numbers).buffer));
    case 'int64':
      return field(7, message(...numbers.map(signed)));
    default:
      return field(5, message(...numbers.map(signed)));
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

// What follows is Protocol Buffers' wire format.

function message(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function field(number: number, content: Uint8Array): Uint8Array {
  return message(varint(BigInt(number * 8 + 2)), varint(BigInt(content.length)), content);
}

function text(number: number, value: string): Uint8Array {
  return field(number, Buffer.from(value));
}

function integer(number: number, value: number): Uint8Array {
  return message(varint(BigInt(number * 8)), signed(value));
}

function float(number: number, value: number): Uint8Array {
  return message(varint(BigInt(number * 8 + 5)), new Uint8Array(Float32Array.of(value).buffer));
}

function signed(value: number): Uint8Array {
  return varint(BigInt.asUintN(64, BigInt(value)));
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}
