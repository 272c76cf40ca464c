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
  switch (type) {
    case 'string':
      return { name, dims, type, data: fill(new Array<string>(dims[0] * dims[1]), features, records, String) };
    case 'float32':
      return { name, dims, type, data: fill(new Float32Array(dims[0] * dims[1]), features, records, Number) };
    case 'int64':
      return { name, dims, type, data: fill(new BigInt64Array(dims[0] * dims[1]), features, records, BigInt) };
  }
}

/** Fills in a matrix row by row. */
function fill<T, Cells extends { [at: number]: T }>(
  cells: Cells,
  features: readonly string[],
  records: readonly FeatureRecord[],
  toCell: (value: string | number) => T,
): Cells {
  let at = 0;
  for (const record of records) {
    for (const feature of features) cells[at++] = toCell(record[feature] ?? missing(feature));
  }
  return cells;
}

function missing(feature: string): never {
  throw new TypeError(`The record has no value for "${feature}": it was not validated.`);
}
