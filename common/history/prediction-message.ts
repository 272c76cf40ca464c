import * as z from 'zod';
import { utf8Length } from '../bytes.ts';
import { BinaryMessage } from '../contract/outputs/binary.ts';
import { AnyOutcome, type Outcome, pickOutcome } from '../contract/outputs/outputs.ts';
import { valueAt } from '../record/request-schema.ts';
import { Prediction, PredictionFields } from './prediction.ts';

/**
 * Predictions on their way to the database. Those of one request share nearly everything but the values: said once, a
 * message of the same size holds three times as many.
 */

/**
 * The schema versions of the messages that are sent: a binary outcome goes as code of version 2 reads it, and any other as version
 * 3. A message without one is of version 1, which has no digest of the contract. All are read for ever. Raise the last one where
 * code of this version would misread the message.
 */
const BINARY_VERSION = 2;
const SCHEMA_VERSION = 3;

const Shared = PredictionFields.pick({ createdAt: true, keyId: true, model: true }).extend({
  /** The names of the values, in their order. */
  fields: z.array(z.string()),
});
type Shared = z.infer<typeof Shared>;
const BinaryShared = Shared.extend(BinaryMessage.shared);
type BinaryShared = z.infer<typeof BinaryShared>;

const { id, identifier, warnings, input } = PredictionFields.shape;
const values = z.array(input.valueType);
const BinaryRow = z.tuple([id, identifier, ...BinaryMessage.row, warnings, values]);
const Row = z.tuple([id, identifier, AnyOutcome, warnings, values]);

const PackedBinary = z.object({ shared: BinaryShared, rows: z.array(z.unknown()) });
const Packed = z.object({ shared: Shared, rows: z.array(z.unknown()) });
const Versioned = z.object({ schemaVersion: z.int().positive().default(1) });

export type PackedMessage = {
  /** JSON. */
  body: string;
  bytes: number;
  /** How many predictions it holds. */
  count: number;
};

/** What stands before the shared part of a message, between it and the rows, and after them. */
const BRACKETS = ['{"schemaVersion":', ',"shared":', ',"rows":[', ']}'] as const;
/** A version has one digit. */
const BRACKETS_BYTES = BRACKETS.join('').length + 1;

/** Packs predictions, in order, into the fewest messages of at most `maxBytes`. One that is larger has a message of its own. */
export function packPredictions(predictions: readonly Prediction[], maxBytes: number): PackedMessage[] {
  const messages: { version: number; shared: string; rows: string[]; bytes: number }[] = [];
  for (const prediction of predictions) {
    const { version, ...packed } = packOne(prediction);
    const shared = JSON.stringify(packed.shared);
    const row = JSON.stringify(packed.row);
    const bytes = utf8Length(row) + 1;
    const last = messages.at(-1);
    if (last?.shared === shared && last.version === version && last.bytes + bytes <= maxBytes) {
      last.rows.push(row);
      last.bytes += bytes;
    } else messages.push({ version, shared, rows: [row], bytes: utf8Length(shared) + BRACKETS_BYTES + bytes });
  }
  return messages.map(({ version, shared, rows, bytes }) => ({
    body: `${BRACKETS[0]}${version}${BRACKETS[1]}${shared}${BRACKETS[2]}${rows.join(',')}${BRACKETS[3]}`,
    bytes,
    count: rows.length,
  }));
}

/** The part that the predictions of one request share, and the cells of the row. */
function packOne(prediction: Prediction) {
  const { id, createdAt, identifier, keyId, model, input, warnings } = prediction;
  const outcome: Outcome = prediction;
  const [fields, values] = [Object.keys(input), Object.values(input)];
  if (!('threshold' in outcome)) {
    const row: z.infer<typeof Row> = [id, identifier, pickOutcome(outcome), warnings, values];
    return { version: SCHEMA_VERSION, shared: { createdAt, keyId, model, fields } satisfies Shared, row };
  }
  const shared: BinaryShared = { createdAt, keyId, model, ...BinaryMessage.sharedOf(outcome), fields };
  const row: z.infer<typeof BinaryRow> = [id, identifier, ...BinaryMessage.rowOf(outcome), warnings, values];
  return { version: BINARY_VERSION, shared, row };
}

export type ReadMessage = {
  predictions: Prediction[];
  /** What is no prediction, as a message of its own, and why. */
  malformed: { value: unknown; reason: unknown }[];
};

/**
 * Reads the body of a message. Older code sent a prediction, or an array of them, which may still be on its way: it is read
 * as well, and so are dead letters, whose body is parsed. One that was set aside is an array of messages. A message of a newer
 * schema is malformed here, whole: newer code reads it.
 */
export function readMessage(body: unknown): ReadMessage {
  const value = typeof body === 'string' ? parse(body) : body;
  const read = Array.isArray(value) ? value.map(readOne) : [readOne(value)];
  return {
    predictions: read.flatMap(({ predictions }) => predictions),
    malformed: read.flatMap(({ malformed }) => malformed),
  };
}

function readOne(value: unknown): ReadMessage {
  const versioned = Versioned.safeParse(value);
  if (!versioned.success) return { predictions: [], malformed: [{ value, reason: versioned.error }] };
  const { schemaVersion } = versioned.data;
  if (schemaVersion > SCHEMA_VERSION) {
    const reason = new Error(
      `the message has schema version ${schemaVersion}, and this code reads up to ${SCHEMA_VERSION}: deploy newer code, then npm run replay -- --again`,
    );
    return { predictions: [], malformed: [{ value, reason }] };
  }
  if (schemaVersion > BINARY_VERSION) {
    const packed = Packed.safeParse(value);
    if (!packed.success) return { predictions: [], malformed: [{ value, reason: packed.error }] };
    const { shared, rows } = packed.data;
    const ToPrediction = Row.refine(([, , , , values]) => values.length === shared.fields.length, EACH).transform(
      ([id, identifier, outcome, warnings, values]) =>
        toPrediction(shared, { id, identifier, outcome, warnings, values }),
    );
    return readRows({ schemaVersion, shared, rows }, ToPrediction);
  }
  const packed = PackedBinary.safeParse(value);
  if (!packed.success) return collect([{ value, parsed: Prediction.safeParse(value) }]);
  const { shared, rows } = packed.data;
  const ToPrediction = BinaryRow.refine((row) => row[6].length === shared.fields.length, EACH).transform(
    ([id, identifier, label, probability, risk, warnings, values]) => {
      const outcome = BinaryMessage.read(shared, [label, probability, risk]);
      return toPrediction(shared, { id, identifier, outcome, warnings, values });
    },
  );
  return readRows({ schemaVersion, shared, rows }, ToPrediction);
}

const EACH = 'must have a value for each field';

type ReadRow = Pick<PredictionFields, 'id' | 'identifier' | 'warnings'> & {
  outcome: Outcome;
  values: z.infer<typeof values>;
};

function toPrediction({ createdAt, keyId, model, fields }: Shared, row: ReadRow): Prediction {
  const { id, identifier, outcome, warnings, values } = row;
  const input = Object.fromEntries(fields.map((field, i) => [field, valueAt(values, i)]));
  return { id, createdAt, identifier, keyId, model, ...outcome, warnings, input };
}

function readRows(
  { schemaVersion, shared, rows }: { schemaVersion: number; shared: Shared; rows: unknown[] },
  ToPrediction: z.ZodType<Prediction>,
): ReadMessage {
  return collect(
    rows.map((row) => ({ value: { schemaVersion, shared, rows: [row] }, parsed: ToPrediction.safeParse(row) })),
  );
}

function collect(items: { value: unknown; parsed: z.ZodSafeParseResult<Prediction> }[]): ReadMessage {
  return {
    predictions: items.flatMap(({ parsed }) => (parsed.success ? [parsed.data] : [])),
    malformed: items.flatMap(({ value, parsed }) => (parsed.success ? [] : [{ value, reason: parsed.error }])),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
