import * as z from 'zod';
import { Contract } from '../../common/contract/contract.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { UserError } from '../../scripts/lib/cli.ts';
import { type Answer, encodeJson, post, type Send, toJson } from './exchange.ts';
import { differenceOf, type Inference, type Output, readInference } from './inference.ts';
import { type Datatype, ModelMetadata, ServerMetadata, type TensorMetadata, type ValidRequest } from './protocol.ts';
import { countOf, type Tensor } from './tensors.ts';

/** The server and the model that the cases are about. */
export type Subject = {
  send: Send;
  /** Whether an API key goes with every request. */
  hasKey: boolean;
  /** The address of the model. */
  path: string;
  /** Of the model's answers; null where the server tells none. */
  version: string | null;
  extensions: string[];
  metadata: ModelMetadata;
  /** Requests of one row that the model takes: one, or more that differ. */
  rows: [Tensor[], ...Tensor[][]];
  /** What the model answers to the first of them, as far as it answers the same each time. */
  expected: Output[];
  /** The contract of the model, where the server publishes it at /v1/model: it says which values are refused. */
  contract: Contract | null;
};

export type Wishes = {
  /** Null: the model that /v1/model describes. */
  model: string | null;
  /** Null: what the server chooses. */
  version: string | null;
  /** A request that the model takes; null: examples of the contract or, without one, zeros and empty texts. */
  request: z.infer<typeof ValidRequest> | null;
};

/** Learns what is needed to ask the server; throws a UserError where it cannot even be asked that. */
export async function discover(send: Send, hasKey: boolean, { model, version, request }: Wishes): Promise<Subject> {
  const published = Contract.safeParse(toJson(await send({ path: '/v1/model' })));
  const name = model ?? published.data?.name;
  if (name === undefined) throw new UserError('The server does not say which model it has: give --model NAME.');
  const contract = published.data?.name === name ? published.data : null;

  const server = read(ServerMetadata, await send({ path: '/v2' }), 'The metadata of the server');
  const path = `/v2/models/${encodeURIComponent(name)}`;
  const versioned = version === null ? path : `${path}/versions/${encodeURIComponent(version)}`;
  const metadata = read(ModelMetadata, await send({ path: versioned }), `The metadata of the model ${name}`);
  const rows: Subject['rows'] = request ? [request.inputs] : rowsOf(metadata, contract);

  const [first, second] = [await infer(send, versioned, rows[0]), await infer(send, versioned, rows[0])];
  const expected = first.outputs.filter((output) =>
    second.outputs.some((again) => again.name === output.name && differenceOf(output, again) === null),
  );
  if (expected.length === 0) throw new UserError('The model answers the same request differently each time.');
  return {
    send,
    hasKey,
    path: versioned,
    version: first.modelVersion,
    extensions: server.extensions,
    metadata,
    rows,
    expected,
    contract,
  };
}

function read<T>(schema: z.ZodType<T>, answer: Answer, what: string): T {
  const parsed = schema.safeParse(toJson(answer));
  if (answer.status === 200 && parsed.success) return parsed.data;
  throw new UserError(
    `${what}: ${describeAnswer(answer)}${parsed.success ? '' : `\n${z.prettifyError(parsed.error)}`}`,
  );
}

async function infer(send: Send, path: string, inputs: Tensor[]): Promise<Inference> {
  const answer = await send(post(`${path}/infer`, encodeJson({ inputs })));
  const inference = answer.status === 200 ? readInference(answer) : describeAnswer(answer);
  if (typeof inference !== 'string') return inference;
  throw new UserError(`A request that should be valid: ${inference}\nGive one that is with --request FILE.`);
}

/** What a server answered, cut short. */
export function describeAnswer({ status, body }: Answer): string {
  const text = new TextDecoder().decode(body.subarray(0, 300)).replaceAll(/\s+/g, ' ').trim();
  return `${status} ${text || '(empty)'}`;
}

function rowsOf({ inputs }: ModelMetadata, contract: Contract | null): Subject['rows'] {
  const [first, ...others] = (contract?.examples ?? []).map(({ input }) =>
    inputs.map((metadata) => ({ ...synthesise(metadata), ...valueIn(input, metadata.name) })),
  );
  return first ? [first, ...others] : [inputs.map(synthesise)];
}

function valueIn(record: Readonly<Record<string, FeatureValue>>, name: string): Pick<Tensor, 'data'> | null {
  const value = record[name];
  return value === undefined || value === null ? null : { data: [value] };
}

/** A tensor of the smallest shape that the model takes. */
function synthesise({ name, datatype, shape }: TensorMetadata): Tensor {
  const smallest = shape.map((length) => (length === -1 ? 1 : length));
  return { name, datatype, shape: smallest, data: new Array(countOf(smallest)).fill(zeroOf(datatype)) };
}

function zeroOf(datatype: Datatype): Tensor['data'][number] {
  if (datatype === 'BYTES') return '';
  return datatype === 'BOOL' ? false : 0;
}
