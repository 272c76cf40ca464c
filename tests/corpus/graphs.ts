import * as z from 'zod';

const Values = z.object({
  name: z.string(),
  type: z.enum(['float32', 'float64', 'int64', 'int32', 'bool', 'string']),
  dims: z.array(z.int()),
  /** Null is NaN. */
  data: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])),
});
export type Values = z.infer<typeof Values>;

/** The models that corpus.py made, and what Python's onnxruntime answers. */
export const Corpus = z.array(
  z.object({
    name: z.string(),
    nodes: z.int(),
    opset: z.int().nullable(),
    inputs: z.array(Values),
    outputs: z.array(Values),
  }),
);

/** What one runtime answers, in the order of the corpus. `kind` is the runtime that ran the graph in the end. */
export const Runs = z.array(
  z.object({ name: z.string(), kind: z.enum(['slim', 'full']), sessionMs: z.number(), outputs: z.array(Values) }),
);
export type Runs = z.infer<typeof Runs>;
