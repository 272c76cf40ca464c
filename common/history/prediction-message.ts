import * as z from 'zod';
import { utf8Length } from '../bytes.ts';
import { OutcomeMessage } from '../contract/outputs/outputs.ts';
import { valueAt } from '../record/request-schema.ts';
import { Prediction } from './prediction.ts';

/**
 * Predictions on their way to the database. Those of one request share nearly everything but the values: said once, a
 * message of the same size holds three times as many.
 */

const Shared = Prediction.pick({ createdAt: true, keyId: true, model: true }).extend({
  ...OutcomeMessage.shared,
  /** The names of the values, in their order. */
  fields: z.array(z.string()),
});
type Shared = z.infer<typeof Shared>;

const { id, identifier, warnings, input } = Prediction.shape;
const Row = z.tuple([id, identifier, ...OutcomeMessage.row, warnings, z.array(input.valueType)]);

const Packed = z.object({ shared: Shared, rows: z.array(z.unknown()) });

export type PackedMessage = {
  /** JSON. */
  body: string;
  bytes: number;
  /** How many predictions it holds. */
  count: number;
};

/** `{"shared":` and `,"rows":[` and `]}` */
const BRACKETS_BYTES = 22;

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
    body: `{"shared":${shared},"rows":[${rows.join(',')}]}`,
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
 * as well, and so are dead letters, whose body is parsed.
 */
export function readMessage(body: unknown): ReadMessage {
  const value = typeof body === 'string' ? parse(body) : body;
  const packed = Packed.safeParse(value);
  if (packed.success) return readRows(packed.data);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return collect(values.map((it) => ({ value: it, parsed: Prediction.safeParse(it) })));
}

function readRows({ shared, rows }: z.infer<typeof Packed>): ReadMessage {
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
  return collect(rows.map((row) => ({ value: { shared, rows: [row] }, parsed: ToPrediction.safeParse(row) })));
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
