import type { Contract, GraphInput } from '../contract/contract.ts';
import type { FeatureValues } from './request-schema.ts';

/** A dense row-major matrix of shape [rows, columns]. */
export type Matrix = { name: string; dims: [rows: number, columns: number] } & (
  | { type: 'string'; data: string[] }
  | { type: 'float32'; data: Float32Array }
  | { type: 'int64'; data: BigInt64Array }
);

/** Lays the values of records out as the graph's inputs: one matrix an input, one row a record, columns as the contract orders them. */
export type ToMatrices = (records: readonly FeatureValues[]) => Matrix[];

/** Compiles a contract into a function that lays records out for its graph. */
export function createMatrixLayout({
  features,
  graph,
}: Pick<Contract, 'features'> & { graph: Pick<Contract['graph'], 'inputs'> }): ToMatrices {
  const positions = new Map(features.map(({ name }, at) => [name, at]));
  const inputs = graph.inputs.map((input) => ({
    ...input,
    columns: input.features.map((name) => positions.get(name) ?? unknown(name)),
  }));
  return (records) => inputs.map((input) => toMatrix(input, records));
}

type Layout = Pick<GraphInput, 'name' | 'type'> & { columns: readonly number[] };

function toMatrix({ name, type, columns }: Layout, records: readonly FeatureValues[]): Matrix {
  const dims: [number, number] = [records.length, columns.length];
  const cells = dims[0] * dims[1];
  switch (type) {
    case 'string':
      return { name, dims, type, data: fill(new Array<string>(cells), columns, records, String) };
    case 'float32':
      return { name, dims, type, data: fillNumbers(new Float32Array(cells), columns, records) };
    case 'int64':
      return { name, dims, type, data: fill(new BigInt64Array(cells), columns, records, BigInt) };
  }
}

/** The same as `fill`, in half of its time: most of what there is are numbers. */
function fillNumbers(
  cells: Float32Array<ArrayBuffer>,
  columns: readonly number[],
  records: readonly FeatureValues[],
): Float32Array<ArrayBuffer> {
  let at = 0;
  for (const values of records) for (const column of columns) cells[at++] = Number(valueAt(values, column));
  return cells;
}

/** Fills in a matrix row by row. */
function fill<T, Cells extends { [at: number]: T }>(
  cells: Cells,
  columns: readonly number[],
  records: readonly FeatureValues[],
  toCell: (value: string | number) => T,
): Cells {
  let at = 0;
  for (const values of records) for (const column of columns) cells[at++] = toCell(valueAt(values, column));
  return cells;
}

function valueAt(values: FeatureValues, column: number): string | number {
  const value = values[column];
  if (value === undefined) throw new TypeError(`The record has no value ${column}: it was not validated.`);
  return value;
}

function unknown(feature: string): never {
  throw new TypeError(`The graph is given "${feature}", which is no feature of the contract.`);
}
