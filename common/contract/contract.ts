import type * as z from 'zod';
import { findInconsistencies } from './consistency.ts';
import { ContractFields } from './schema.ts';

/**
 * The contract of a model version: `contract.json`, published beside `model.onnx`.
 *
 * It is the only description of what a model accepts, computes and answers. Everything else (request schema, tensors,
 * documentation, forms) is derived from it, so that publishing a model with other features needs no code change.
 */
export const Contract = ContractFields.superRefine((contract, context) => {
  for (const message of findInconsistencies(contract)) context.addIssue({ code: 'custom', message });
});
export type Contract = z.infer<typeof Contract>;
