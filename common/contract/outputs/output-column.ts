import type { OutputTensor } from './kind.ts';

/**
 * One number a row: of a tensor of shape [rows] or [rows, 1], or the column of one of shape [rows, columns]. Throws for another
 * type or shape.
 */
export function readColumn(tensor: OutputTensor, rows: number, column: number | null): number[] {
  const { name, dims } = tensor;
  const { data, width, shape } = readMatrix(tensor, rows);
  if (column === null && width !== 1)
    throw new Error(`${shape}: the contract must say which column is read, in graph.outputColumn`);
  const at = column ?? 0;
  if (at >= width) throw new Error(`output "${name}" has shape [${dims.join(', ')}], which has no column ${at}`);
  return width === 1
    ? Array.from(data)
    : Array.from({ length: rows }, (_, row) => data[row * width + at] ?? Number.NaN);
}

/** The numbers of each row, of a tensor of shape [rows, width]. Throws for another type or shape. */
export function readRows(tensor: OutputTensor, rows: number, width: number): number[][] {
  const matrix = readMatrix(tensor, rows);
  if (matrix.width !== width) throw new Error(`${matrix.shape}, not [${rows}, ${width}]: one column a label`);
  return Array.from({ length: rows }, (_, row) => Array.from(matrix.data.slice(row * width, (row + 1) * width)));
}

function readMatrix({ name, data, dims }: OutputTensor, rows: number) {
  if (!(data instanceof Float32Array || data instanceof Float64Array))
    throw new Error(`output "${name}" is neither a float32 nor a float64 tensor`);
  const [length, width = 1, ...more] = dims;
  const shape = `output "${name}" has shape [${dims.join(', ')}]`;
  if (length !== rows || more.length > 0) throw new Error(`${shape}, not [${rows}] or [${rows}, columns]`);
  return { data, width, shape };
}
