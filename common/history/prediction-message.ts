import * as z from 'zod';
import { utf8Length } from '../bytes.ts';
import { OutcomeMessage } from '../contract/outputs/outputs.ts';
import { valueAt } from '../record/request-schema.ts';
import { Prediction } from './prediction.ts';

/**
 * Predictions on their way to the database. Those of one request share nearly everything but the values: said once, a
 * message of the same size holds three times as many.
 */

/**
 * The schema version of the messages that are sent. A message without one is of version 1, which has no digest of the contract;
 * it is read for ever. Raise it where code of this version would misread the message.
 */
const SCHEMA_VERSION = 2;

const Shared = Prediction.pick({ createdAt: true, keyId: true, model: true }).extend({
  ...OutcomeMessage.shared,
  /** The names of the values, in their order. */
  fields: z.array(z.string()),
});
type Shared = z.infer<typeof Shared>;

const { id, identifier, warnings, input } = Prediction.shape;
const Row = z.tuple([id, identifier, ...OutcomeMessage.row, warnings, z.array(input.valueType)]);

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
const BRACKETS = [`{"schemaVersion":${SCHEMA_VERSION},"shared":`, ',"rows":[', ']}'] as const;
const BRACKETS_BYTES = BRACKETS.join('').length;

/** Packs predictions, in order, into the fewest messages of at most `maxBytes`. One that is larger has a message of its own. */
export function packPredictions(predictions: readonly Prediction[], maxBytes: number): PackedMessage[] {
  const messages: { shared: string; rows: string[]; bytes: number }[] = [];
  for (const prediction of predictions) {
    const shared = JSON.stringify(sharedOf(prediction));
    const row = JSON.stringify(rowOf(prediction));
    const bytes = utf8Length(row) + 1;
    const last = messages.at(-1);
    if (last?.shared === shared && last.bytes + bytes <= maxBytes) {
      last.rows.push(row);
      last.bytes += bytes;
    } else messages.push({ shared, rows: [row], bytes: utf8Length(shared) + BRACKETS_BYTES + bytes });
  }
  return messages.map(({ shared, rows, bytes }) => ({
    body: `${BRACKETS[0]}${shared}${BRACKETS[1]}${rows.join(',')}${BRACKETS[2]}`,
    bytes,
    count: rows.length,
  }));
}

function sharedOf({ createdAt, keyId, model, input, ...prediction }: Prediction): Shared {
  return { createdAt, keyId, model, ...OutcomeMessage.sharedOf(prediction), fields: Object.keys(input) };
}

function rowOf({ id, identifier, warnings, input, ...prediction }: Prediction): z.infer<typeof Row> {
  return [id, identifier, ...OutcomeMessage.rowOf(prediction), warnings, Object.values(input)];
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
  const packed = Packed.safeParse(value);
  if (packed.success) return readRows(packed.data, schemaVersion);
  return collect([{ value, parsed: Prediction.safeParse(value) }]);
}

function readRows({ shared, rows }: z.infer<typeof Packed>, schemaVersion: number): ReadMessage {
  const { fields, createdAt, keyId, model } = shared;
  const ValuesOfAll = Row.refine((row) => row[6].length === fields.length, 'must have a value for each field');
  const ToPrediction = ValuesOfAll.transform(
    ([id, identifier, label, probability, risk, warnings, values]): Prediction => ({
      id,
      createdAt,
      identifier,
      keyId,
      model,
      ...OutcomeMessage.read(shared, [label, probability, risk]),
      warnings,
      input: Object.fromEntries(fields.map((field, i) => [field, valueAt(values, i)])),
    }),
  );
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
