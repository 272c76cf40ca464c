import * as z from 'zod';
import { FieldName } from './text.ts';

/** The element types of a graph's inputs, in the names of ONNX Runtime. */
export const GraphType = z.enum(['string', 'float32', 'float64', 'int64', 'int32', 'bool']);
export type GraphType = z.infer<typeof GraphType>;

/** As many as a graph may have features: converters make an input of each column. */
const MAX_INPUTS = 5000;

/** One input of the graph: a matrix of shape [rows, features.length], whose columns are the features in this order. */
export const GraphInput = z.strictObject({
  name: z.string().min(1),
  type: GraphType,
  features: z.array(FieldName).min(1),
});
export type GraphInput = z.infer<typeof GraphInput>;

export const Graph = z.strictObject({
  file: z.literal('model.onnx'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
  bytes: z.int().positive(),
  opsets: z.record(z.string(), z.int().positive()),
  inputs: z.array(GraphInput).min(1).max(MAX_INPUTS),
  /** The name of the tensor that is read. The kind of output says what the tensor holds. The graph may have others. */
  output: z.string().min(1),
  /** The column of that tensor that is read, from 0, where it has the shape [rows, columns] and the kind reads one column. */
  outputColumn: z.int().nonnegative().optional(),
});
