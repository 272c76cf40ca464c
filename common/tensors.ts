import type { GraphInput } from './contract.ts';
import type { FeatureRecord } from './request-schema.ts';

/** A dense row-major matrix of shape [rows, columns]. */
export type Matrix = { name: string; dims: [rows: number, columns: number] } & (
  | { type: 'string'; data: string[] }
  | { type: 'float32'; data: Float32Array }
  | { type: 'int64'; data: BigInt64Array }
);

/** Lays records out as the graph's inputs: one matrix an input, one row a record, columns as the contract orders them. */
export function toMatrices(inputs: readonly GraphInput[], records: readonly FeatureRecord[]): Matrix[] {
  return inputs.map((input) => toMatrix(input, records));
}

function toMatrix({ name, type, features }: GraphInput, records: readonly FeatureRecord[]): Matrix {
  const dims: [number, number] = [records.length, features.length];
  const cells = records.flatMap((record) => features.map((feature) => record[feature] ?? missing(feature)));
  switch (type) {
    case 'string':
      return { name, dims, type, data: cells.map(String) };
    case 'float32':
      return { name, dims, type, data: Float32Array.from(cells, Number) };
    case 'int64':
      return { name, dims, type, data: BigInt64Array.from(cells, BigInt) };
  }
}

function missing(feature: string): never {
  throw new TypeError(`The record has no value for "${feature}": it was not validated.`);
}
