import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import type { ColumnEncoders, FeatureKind, FeatureValue } from '../contract/features/kind.ts';
import type { GraphInput } from '../contract/graph.ts';
import { type FeatureValues, valueAt } from './request-schema.ts';

/** A dense row-major matrix of shape [rows, columns]. A bool is a byte, 0 or 1. */
export type Matrix = { name: string; dims: [rows: number, columns: number] } & (
  | { type: 'string'; data: string[] }
  | { type: 'float32'; data: Float32Array }
  | { type: 'float64'; data: Float64Array }
  | { type: 'int64'; data: BigInt64Array }
  | { type: 'int32'; data: Int32Array }
  | { type: 'bool'; data: Uint8Array }
);

/** Lays the values of records out as the graph's inputs: one matrix an input, one row a record, columns as the contract orders them. */
export type ToMatrices = (records: readonly FeatureValues[]) => Matrix[];

/** Compiles a contract into a function that lays records out for its graph. */
export function createMatrixLayout({
  features,
  graph,
}: Pick<Contract, 'features'> & { graph: Pick<Contract['graph'], 'inputs'> }): ToMatrices {
  const byName = new Map(features.map((feature, at) => [feature.name, { at, kind: featureKind(feature) }]));
  const inputs = graph.inputs.map((input) => createInput(input, byName));
  return (records) => inputs.map((toMatrix) => toMatrix(records));
}

/** A column of a matrix: the position of its value in a record, and how that is written. */
type Column<T> = {
  at: number;
  encode: (value: FeatureValue) => T;
  /** Whether the feature's values are numbers, which a column of float32 takes as they are. */
  isNumeric: boolean;
};

function createInput(
  { name, type, features }: GraphInput,
  byName: ReadonlyMap<string, { at: number; kind: FeatureKind }>,
): (records: readonly FeatureValues[]) => Matrix {
  const columnsOf = <T extends keyof ColumnEncoders>(encoderOf: (kind: FeatureKind) => ColumnEncoders[T] | undefined) =>
    features.map((feature) => {
      const { at, kind } =
        byName.get(feature) ?? refuse(`The graph is given "${feature}", which is no feature of the contract.`);
      const encode = encoderOf(kind) ?? refuse(`"${feature}" cannot be a column of ${type}.`);
      return { at, encode, isNumeric: kind.numbers !== null };
    });
  const dimsOf = (records: readonly FeatureValues[]): [number, number] => [records.length, features.length];
  const cellsOf = (records: readonly FeatureValues[]) => records.length * features.length;
  switch (type) {
    case 'string': {
      const columns = columnsOf<'string'>(({ encoders }) => encoders.string);
      return (records) => {
        return { name, type, dims: dimsOf(records), data: fill(new Array<string>(cellsOf(records)), columns, records) };
      };
    }
    case 'float32': {
      const columns = columnsOf<'float32'>(({ encoders }) => encoders.float32);
      const isAllNumeric = columns.every(({ isNumeric }) => isNumeric);
      return (records) => {
        const cells = new Float32Array(cellsOf(records));
        const data = isAllNumeric ? fillNumbers(cells, columns, records) : fill(cells, columns, records);
        return { name, type, dims: dimsOf(records), data };
      };
    }
    case 'float64': {
      const columns = columnsOf<'float64'>(({ encoders }) => encoders.float64);
      return (records) => {
        return { name, type, dims: dimsOf(records), data: fill(new Float64Array(cellsOf(records)), columns, records) };
      };
    }
    case 'int32': {
      const columns = columnsOf<'int32'>(({ encoders }) => encoders.int32);
      return (records) => {
        return { name, type, dims: dimsOf(records), data: fill(new Int32Array(cellsOf(records)), columns, records) };
      };
    }
    case 'int64': {
      const columns = columnsOf<'int64'>(({ encoders }) => encoders.int64);
      return (records) => {
        return { name, type, dims: dimsOf(records), data: fill(new BigInt64Array(cellsOf(records)), columns, records) };
      };
    }
    case 'bool': {
      const columns = columnsOf<'bool'>(({ encoders }) => encoders.bool);
      return (records) => {
        return { name, type, dims: dimsOf(records), data: fill(new Uint8Array(cellsOf(records)), columns, records) };
      };
    }
  }
}

/** Fills in a matrix row by row. */
function fill<T, Cells extends { [at: number]: T }>(
  cells: Cells,
  columns: readonly Column<T>[],
  records: readonly FeatureValues[],
): Cells {
  let next = 0;
  for (const values of records) for (const { at, encode } of columns) cells[next++] = encode(valueAt(values, at));
  return cells;
}

/** As `fill`, for features of numbers alone, in half of its time: nearly all cells of a model are such. */
function fillNumbers(
  cells: Float32Array<ArrayBuffer>,
  columns: readonly Column<number>[],
  records: readonly FeatureValues[],
): Float32Array<ArrayBuffer> {
  let next = 0;
  for (const values of records) {
    for (const { at, encode } of columns) {
      const value = values[at];
      cells[next++] = typeof value === 'number' ? value : encode(valueAt(values, at));
    }
  }
  return cells;
}

function refuse(reason: string): never {
  throw new TypeError(reason);
}
