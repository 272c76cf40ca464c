import type { Contract } from '../../contract/contract.ts';
import { featureKind } from '../../contract/features/features.ts';
import type { ElementKind, ElementOrMissing, FeatureKind, FeatureValue } from '../../contract/features/kind.ts';
import type { GraphType } from '../../contract/graph.ts';
import { DATATYPES, datatypeOf, kindOf } from './datatypes.ts';
import type { InferRequest, RequestInput } from './infer-request.ts';
import { quote, Refusal } from './refusal.ts';
import { type DecodeText, readBinaryData, readJsonData } from './tensor-data.ts';

/** Fields by their names in the contract: one for an input that is a feature, as many as columns for one of the graph's. */
type Target = { fields: readonly TargetField[]; kinds: readonly ElementKind[]; takesMissing: boolean };

/** A field, and the value that an element is under it. */
type TargetField = { name: string; fromElement: FeatureKind['fromElement'] };

/** The values of one field: every `step`th element from `start`. */
type Column = {
  elements: readonly ElementOrMissing[];
  start: number;
  step: number;
  fromElement: TargetField['fromElement'];
};

/** How many records a request holds, by its first input. */
export function countRows({ inputs }: InferRequest): number {
  return inputs[0]?.shape[0] ?? 0;
}

/**
 * The records in the tensors of a request, by the contract's names, to be validated. A tensor is one field of all records (shape
 * [n] or [n, 1]), or an input of the graph (shape [n, columns]). `binary` is the data after the JSON object.
 */
export function readRecords(
  request: InferRequest,
  binary: Uint8Array,
  contract: Contract,
  decodeText: DecodeText,
): Record<string, FeatureValue>[] | Refusal {
  const targetOf = createTargets(contract);
  const columns = new Map<string, Column>();
  let rest = binary;
  for (const input of request.inputs) {
    const bytes = takeBinary(input, rest);
    if (bytes instanceof Refusal) return bytes;
    rest = rest.subarray(bytes?.byteLength ?? 0);
    const target = checkRows(input, request) ?? targetOf(input);
    if (target instanceof Refusal) return target;
    const refusal = addColumns(columns, input, target, readElements(input, bytes, target, decodeText));
    if (refusal) return refusal;
  }
  if (rest.byteLength > 0)
    return new Refusal(`The body has ${rest.byteLength} bytes of binary data more than its inputs.`);
  const missing = contract.features
    .filter((feature) => featureKind(feature).missing !== 'missing' && !columns.has(feature.name))
    .map(({ name }) => name);
  if (missing.length > 0) return new Refusal(`These inputs are missing: ${missing.join(', ')}.`);
  return Array.from({ length: countRows(request) }, (_, row) => recordAt(row, columns));
}

/** Adds the fields that an input holds; returns why that cannot be. */
function addColumns(
  columns: Map<string, Column>,
  input: RequestInput,
  { fields }: Target,
  elements: ElementOrMissing[] | Refusal,
): Refusal | null {
  if (elements instanceof Refusal) return elements;
  for (const [start, { name, fromElement }] of fields.entries()) {
    if (columns.has(name)) return refuse(input, `holds the field ${quote(name)}, which another input holds too`);
    columns.set(name, { elements, start, step: fields.length, fromElement });
  }
  return null;
}

function recordAt(row: number, columns: ReadonlyMap<string, Column>): Record<string, FeatureValue> {
  const record: Record<string, FeatureValue> = {};
  for (const [field, { elements, start, step, fromElement }] of columns) {
    const element = elements[row * step + start];
    if (element !== undefined) record[field] = fromElement(element);
  }
  return record;
}

function checkRows(input: RequestInput, request: InferRequest): Refusal | null {
  const [rows] = input.shape;
  const expected = countRows(request);
  if (rows === 0) return refuse(input, 'has no row: its first dimension must be 1 or more');
  if (rows === expected) return null;
  return refuse(input, `has the shape [${input.shape.join(', ')}], but the first input has ${expected} rows`);
}

/** The bytes of an input whose data is binary; null for one whose data is JSON. */
function takeBinary(input: RequestInput, rest: Uint8Array): Uint8Array | null | Refusal {
  const size = input.parameters?.binary_data_size ?? null;
  const hasJson = input.data !== undefined && input.data !== null;
  if (size === null) return hasJson ? null : refuse(input, 'has no data: give "data" or "binary_data_size"');
  if (hasJson) return refuse(input, 'has both "data" and "binary_data_size": give one of them');
  if (size > rest.byteLength)
    return refuse(input, `has ${size} bytes of binary data by its size, but the body has only ${rest.byteLength} left`);
  return rest.subarray(0, size);
}

function readElements(
  input: RequestInput,
  bytes: Uint8Array | null,
  { kinds, takesMissing }: Target,
  decodeText: DecodeText,
): ElementOrMissing[] | Refusal {
  const datatype = datatypeOf(input.datatype);
  if (!datatype) return refuse(input, `has the datatype ${quote(input.datatype)}, not one of: ${DATATYPES.join(', ')}`);
  if (!kinds.includes(kindOf(datatype)))
    return refuse(input, `is ${datatype.name}, but must be ${kinds.map((kind) => KIND_NAMES[kind]).join(' or ')}`);
  const elements = bytes
    ? readBinaryData(bytes, input.shape, datatype, decodeText, takesMissing)
    : readJsonData(input.data, input.shape, datatype, takesMissing);
  return elements instanceof Refusal ? refuse(input, elements.reason) : elements;
}

const KIND_NAMES: Record<ElementKind, string> = {
  text: 'BYTES',
  number: 'an integer or a float type',
  boolean: 'BOOL',
};

/** The field, or fields, that an input stands for, by its name and shape. */
function createTargets({ features, identifier, ignored, graph }: Contract): (input: RequestInput) => Target | Refusal {
  const fields = new Map<string, Target>();
  const targets = new Map<string, TargetField>();
  const nullable = new Set<string>();
  for (const feature of features) {
    const { openInference, fromElement, missing } = featureKind(feature);
    const field = { name: feature.name, fromElement };
    targets.set(feature.name, field);
    if (missing !== null) nullable.add(feature.name);
    const target = { fields: [field], kinds: openInference.elements, takesMissing: missing !== null };
    for (const spelling of [feature.name, ...feature.aliases]) fields.set(spelling, target);
  }
  if (identifier) {
    const field = { name: identifier.name, fromElement: asItIs };
    for (const spelling of [identifier.name, ...identifier.aliases])
      fields.set(spelling, { fields: [field], kinds: ['number', 'text'], takesMissing: false });
  }
  // As in a record, what the model does not use may be there.
  for (const { name } of ignored)
    fields.set(name, { fields: [], kinds: ['text', 'number', 'boolean'], takesMissing: true });
  const matrices = new Map(
    graph.inputs.map(({ name, type, features: names }) => {
      const columns = names.flatMap((it) => targets.get(it) ?? []);
      // The validator names the others by row.
      const takesMissing = names.some((it) => nullable.has(it));
      return [name, { fields: columns, kinds: MATRIX_ELEMENTS[type], takesMissing }];
    }),
  );

  return (input) => {
    const { name, shape } = input;
    const [, columns = 1, ...more] = shape;
    const isTable = shape.length > 0 && more.length === 0;
    const matrix = matrices.get(name);
    if (matrix && isTable && columns === matrix.fields.length) return matrix;
    const field = fields.get(name);
    if (field && isTable && columns === 1) return field;
    if (!matrix && !field)
      return new Refusal(`There is no input ${quote(name)}: the metadata of the model names those of the features.`);
    const expected = matrix ? `[n, ${matrix.fields.length}]` : '[n] or [n, 1]';
    return refuse(input, `has the shape [${shape.join(', ')}], not ${expected}`);
  };
}

/** The kinds of elements that an input of the graph is taken as. */
const MATRIX_ELEMENTS: Record<GraphType, readonly ElementKind[]> = {
  string: ['text', 'boolean'],
  float32: ['number', 'boolean'],
  float64: ['number', 'boolean'],
  int32: ['number', 'boolean'],
  int64: ['number', 'boolean'],
  bool: ['boolean'],
};

const asItIs = (element: ElementOrMissing) => element;

function refuse({ name }: RequestInput, reason: string): Refusal {
  return new Refusal(`Input ${quote(name)} ${reason}.`);
}
