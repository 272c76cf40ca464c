import type { ElementType } from '../onnx-graph.ts';
import { type Drawn, matrix, type OperatorCase } from './case.ts';

export const NUMBERS = ['float32', 'float64', 'int32', 'int64'] as const;
export const FLOATS = ['float32', 'float64'] as const;
export const ALL = [...NUMBERS, 'bool', 'string'] as const;
/** Large enough for each way in which a loop is unrolled, and for batches of the largest size that a request may have. */
export const MANY_ROWS = [1, 2, 3, 5, 8, 17, 129, 10_000];

export type Types = readonly ElementType[];

/** An operator whose outcome has the shape of its input. */
export function unary(
  operator: string,
  types: Types,
  options: Partial<OperatorCase> & { range?: Drawn['range'] } = {},
) {
  const { range, ...rest } = options;
  return types.map((type): OperatorCase => ({ operator, inputs: [matrix(type, 3, range)], rows: MANY_ROWS, ...rest }));
}

/** An operator of two tensors: of one shape, with a row for all rows, a column for all columns, and a single number. */
export function binary(
  operator: string,
  types: Types,
  options: Partial<OperatorCase> & { range?: Drawn['range'] } = {},
) {
  const { range, ...rest } = options;
  const limits = range && { range };
  return types.flatMap((type): OperatorCase[] => {
    const many = matrix(type, 3, range);
    const others: Drawn[] = [
      many,
      { type, dims: [3], ...limits },
      { type, dims: [], ...limits },
      { type, dims: ['rows', 1], ...limits },
      { type, dims: ['rows', 2, 3], ...limits },
    ];
    return [
      ...others.slice(0, 4).map((other) => ({ operator, inputs: [many, other], rows: MANY_ROWS, ...rest })),
      ...others.slice(1, 4).map((other) => ({ operator, inputs: [other, many], ...rest })),
      {
        operator,
        inputs: [
          { type, dims: ['rows', 1, 3], ...limits },
          { type, dims: [2, 1], ...limits },
        ],
        ...rest,
      },
    ];
  });
}

/** Small numbers, some of them negative. */
export function ramp(length: number): number[] {
  return Array.from({ length }, (_, i) => ((i % 13) - 6) / 8);
}
