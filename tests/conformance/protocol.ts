import * as z from 'zod';

/**
 * The answers of a server of the Open Inference Protocol. They may have other fields, and null for optional ones.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */

/** The extension of https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md */
export const BINARY_EXTENSION = 'binary_tensor_data';
/** Gives the length of the JSON object at the start of a body, where binary data follows it. */
export const HEADER_LENGTH = 'inference-header-content-length';

/** BF16 and FP16 are of the protocol too; this kit writes and reads neither. */
export const Datatype = z.enum([
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP32',
  'FP64',
  'BYTES',
]);
export type Datatype = z.infer<typeof Datatype>;

export const ServerMetadata = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  extensions: z.array(z.string()),
});

const TensorMetadata = z.object({ name: z.string().min(1), datatype: Datatype, shape: z.array(z.int().min(-1)) });
export type TensorMetadata = z.infer<typeof TensorMetadata>;

export const ModelMetadata = z.object({
  name: z.string().min(1),
  versions: z.array(z.string().min(1)).nullish(),
  platform: z.string(),
  inputs: z.array(TensorMetadata).min(1),
  outputs: z.array(TensorMetadata).min(1),
});
export type ModelMetadata = z.infer<typeof ModelMetadata>;

/** One element of a tensor. */
const Value = z.union([z.string(), z.number(), z.boolean()]);
export type Value = z.infer<typeof Value>;

export const InferAnswer = z.object({
  model_name: z.string(),
  model_version: z.string().nullish(),
  id: z.string().nullish(),
  outputs: z
    .array(
      z.object({
        name: z.string(),
        datatype: Datatype,
        shape: z.array(z.int().nonnegative()),
        parameters: z.object({ binary_data_size: z.int().nonnegative().nullish() }).nullish(),
        data: z.array(Value).nullish(),
      }),
    )
    .min(1),
});
export type InferAnswer = z.infer<typeof InferAnswer>;

export const ErrorAnswer = z.object({ error: z.string().min(1) });

/** An inference request that is known to be valid, with flat data. */
export const ValidRequest = z.object({
  inputs: z
    .array(
      z.object({ name: z.string(), datatype: Datatype, shape: z.array(z.int().nonnegative()), data: z.array(Value) }),
    )
    .min(1),
});
