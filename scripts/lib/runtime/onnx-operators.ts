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

/** Reads which operators a graph has, those of inner graphs included. Throws where the bytes are no ONNX model. */
export function readRequirements(model: Uint8Array): Requirements {
  const operators = new Set<string>();
  const opsets: Record<string, number> = {};
  for (const { number, value } of fields(model)) {
    if (number === MODEL.graph) addNodes(bytesOf(value), GRAPH.node, operators);
    if (number === MODEL.functions) addNodes(bytesOf(value), FUNCTION.node, operators);
    if (number === MODEL.opsetImport) {
      const opset = fields(bytesOf(value));
      const domain = textOf(opset, OPSET.domain) || 'ai.onnx';
      opsets[domain] = Number(opset.find((it) => it.number === OPSET.version)?.value ?? 0);
    }
  }
  return { operators: [...operators].sort(), opsets };
}

function addNodes(graph: Uint8Array, nodeField: number, operators: Set<string>): void {
  for (const { value } of fields(graph).filter(({ number }) => number === nodeField)) {
    const node = fields(bytesOf(value));
    const domain = textOf(node, NODE.domain);
    operators.add(`${domain === '' || domain === 'ai.onnx' ? '' : `${domain}.`}${textOf(node, NODE.operator)}`);
    const attributes = node.filter(({ number }) => number === NODE.attribute);
    const parts = attributes.flatMap((attribute) => fields(bytesOf(attribute.value)));
    const inner = parts.filter(({ number }) => number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs);
    for (const { value: body } of inner) addNodes(bytesOf(body), GRAPH.node, operators);
  }
}

type Field = { number: number; value: Uint8Array | number };

/** The fields of a message of Protocol Buffers. Numbers of a fixed length, of which none is needed, are left as bytes. */
function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('this is no ONNX model: it ends too early');
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    at += length;
    if (at > message.length) throw new Error('this is no ONNX model: it ends too early');
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        found.push({ number, value: varint() });
        break;
      case 1:
        found.push({ number, value: take(8) });
        break;
      case 2:
        found.push({ number, value: take(varint()) });
        break;
      case 5:
        found.push({ number, value: take(4) });
        break;
      default:
        throw new Error('this is no ONNX model: it has a field of an unknown type');
    }
  }
  return found;
}

function bytesOf(value: Uint8Array | number): Uint8Array {
  if (typeof value === 'number') throw new Error('this is no ONNX model: it has a number where a message belongs');
  return value;
}

function textOf(message: readonly Field[], number: number): string {
  const value = message.find((it) => it.number === number)?.value;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : '';
}
