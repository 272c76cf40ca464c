/**
 * Reads and writes ONNX's messages, field by field: the wire format of Protocol Buffers
 * (https://protobuf.dev/programming-guides/encoding/), as much of it as ONNX has.
 */

import { concat } from '../common/bytes.ts';

/** A field as it stands in its message; nothing is copied, because a model has tens of thousands. */
export type Field = {
  number: number;
  /** Of a field that is an integer; null of others. */
  integer: number | null;
  message: Uint8Array;
  /** Where in the message the field begins, where its content does, and where it ends. */
  start: number;
  from: number;
  end: number;
};

/** The fields of a message, in order. Throws where the bytes are none. */
export function readFields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('this is not an ONNX model: it ends too early');
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  };
  const lengthOf = (type: number): number => {
    switch (type) {
      case 1:
        return 8;
      case 2:
        return varint();
      case 5:
        return 4;
      default:
        throw new Error('this is not an ONNX model: it has a field of an unknown type');
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    const integer = type === 0 ? varint() : null;
    const length = type === 0 ? 0 : lengthOf(type);
    const from = at;
    at += length;
    if (at > message.length) throw new Error('this is not an ONNX model: it ends too early');
    found.push({ number, integer, message, start, from, end: at });
  }
  return found;
}

/** The whole field, to be put into another message. */
export function wholeOf({ message, start, end }: Field): Uint8Array {
  return message.subarray(start, end);
}

/** The message, or the text's bytes, that a field holds. */
export function bytesOf({ integer, message, from, end }: Field): Uint8Array {
  if (integer !== null) throw new Error('this is not an ONNX model: it has a number where a message belongs');
  return message.subarray(from, end);
}

const decoder = new TextDecoder();

/** All texts of a repeated field. */
export function textsOf(message: readonly Field[], number: number): string[] {
  return message.filter((it) => it.number === number).map((it) => decoder.decode(bytesOf(it)));
}

export function writeMessage(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(parts);
}

export function writeField(number: number, content: Uint8Array): Uint8Array {
  return writeMessage(writeVarint(BigInt(number * 8 + 2)), writeVarint(BigInt(content.length)), content);
}

export function writeText(number: number, value: string): Uint8Array {
  return writeField(number, new TextEncoder().encode(value));
}

export function writeInteger(number: number, value: number): Uint8Array {
  return writeMessage(writeVarint(BigInt(number * 8)), writeSigned(value));
}

export function writeFloat(number: number, value: number): Uint8Array {
  return writeMessage(writeVarint(BigInt(number * 8 + 5)), new Uint8Array(Float32Array.of(value).buffer));
}

export function writeSigned(value: number): Uint8Array {
  return writeVarint(BigInt.asUintN(64, BigInt(value)));
}

function writeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}
