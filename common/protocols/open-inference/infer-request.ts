import * as z from 'zod';
import { Refusal } from './refusal.ts';

/**
 * The body of an inference request, as far as it is used here: parameters of other servers (priorities, time-outs) change
 * nothing about an answer. `null` stands for a field that some clients leave out.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#inference-request-json-object
 * Binary data: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */
const Size = z.int().nonnegative();

const InputParameters = z.object({
  /** How many bytes after the JSON object are this tensor. */
  binary_data_size: Size.nullish(),
  shared_memory_region: z.never('is not supported: send the data').nullish(),
});

const OutputParameters = z.object({
  binary_data: z.boolean().nullish(),
  classification: z.never('is not supported: ask for the output "label"').nullish(),
  shared_memory_region: z.never('is not supported: the data is in the answer').nullish(),
});

/**
 * More tensors or dimensions than any model here has. Counted before any is looked at: each one that is wrong would otherwise
 * cost far more memory than it has bytes.
 */
const MAX_TENSORS = 2000;
const MAX_DIMENSIONS = 8;

function atMost<T extends z.ZodType>(max: number, item: T) {
  return z.array(z.unknown()).max(max, `may hold at most ${max}`).pipe(z.array(item));
}

const RequestInput = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: atMost(MAX_DIMENSIONS, Size),
  parameters: InputParameters.nullish(),
  /** Nested as the shape says, or flat. Checked with its datatype. */
  data: z.unknown().optional(),
});
export type RequestInput = z.infer<typeof RequestInput>;

const RequestOutput = z.object({ name: z.string(), parameters: OutputParameters.nullish() });

const InferRequest = z.object({
  id: z.string().nullish(),
  parameters: z.object({ binary_data_output: z.boolean().nullish() }).nullish(),
  inputs: z.array(z.unknown()).min(1, 'must hold one tensor or more').pipe(atMost(MAX_TENSORS, RequestInput)),
  outputs: atMost(MAX_TENSORS, RequestOutput).nullish(),
});
export type InferRequest = z.infer<typeof InferRequest>;

export function parseInferRequest(json: unknown): InferRequest | Refusal {
  const parsed = InferRequest.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') ?? '';
  return new Refusal(`The inference request is not valid: ${where.slice(1) || 'the body'}: ${issue?.message}.`);
}

/**
 * Splits a body into its JSON object and the binary data that follows. `headerLength` is the value of the header
 * Inference-Header-Content-Length, which is sent where there is binary data.
 */
export function splitBody<T extends Uint8Array>(
  body: T,
  headerLength: string | undefined,
): { json: Uint8Array; binary: Uint8Array } | Refusal {
  if (headerLength === undefined) return { json: body, binary: body.subarray(body.byteLength) };
  if (!/^\d{1,15}$/.test(headerLength))
    return new Refusal('The header Inference-Header-Content-Length must be a number of bytes.');
  const length = Number(headerLength);
  if (length > body.byteLength)
    return new Refusal(
      `The header Inference-Header-Content-Length is ${length}, but the body has ${body.byteLength} bytes.`,
    );
  return { json: body.subarray(0, length), binary: body.subarray(length) };
}
