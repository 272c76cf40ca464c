import * as z from 'zod';

/** The ONNX runtime that a version starts with, where that is not the slim one. */
export const NeededRuntime = z.literal('full');
export type NeededRuntime = z.infer<typeof NeededRuntime>;
