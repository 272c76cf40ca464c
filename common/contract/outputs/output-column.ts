import type { OutputTensor } from './kind.ts';

/**
 * One number a row: of a tensor of shape [rows] or [rows, 1], or the column of one of shape [rows, columns]. Throws for another
 * type or shape.
 */
export function readColumn({ name, data, dims }: OutputTensor, rows: number, column: number | null): number[] {
  if (!(data instanceof Float32Array || data instanceof Float64Array))
    throw new Error(`output "${name}" is neither a float32 nor a float64 tensor`);
  const [length, width = 1, ...more] = dims;
  const shape = `output "${name}" has shape [${dims.join(', ')}]`;
  if (length !== rows || more.length > 0) throw new Error(`${shape}, not [${rows}] or [${rows}, columns]`);
  if (column === null && width !== 1)
    throw new Error(`${shape}: the contract must say which column is read, in graph.outputColumn`);
  const at = column ?? 0;
  if (at >= width) throw new Error(`${shape}, which has no column ${at}`);
  return width === 1
    ? Array.from(data)
    : Array.from({ length: rows }, (_, row) => data[row * width + at] ?? Number.NaN);
}
