import * as z from 'zod';
import { cellOf } from '../../tables/csv-writer.ts';
import { FieldName, Text } from '../text.ts';
import type { OutputKind, OutputTensor } from './kind.ts';
import { readColumn } from './output-column.ts';

/** A number with a unit. It may have an interval, and fall in a band. */

/** Bands are keys of the database's indexes, which have a limit. */
const MAX_INDEXED_LENGTH = 100;
const MAX_DECIMALS = 10;

const ValueBand = z.strictObject({
  id: z
    .string()
    .max(MAX_INDEXED_LENGTH)
    .regex(/^[a-z][a-z-]*$/),
  label: Text,
  /** The band's lowest value, inclusive; null in the first band, which has none. Its upper limit is the next band's `from`. */
  from: z.number().nullable(),
});
type ValueBand = z.infer<typeof ValueBand>;

/** The contract's output. The graph answers with one float a row: the value. */
export const RegressionOutput = z.strictObject({
  kind: z.literal('regression'),
  /** The column of the training data that the model predicts. */
  target: z.strictObject({ name: FieldName, label: Text.optional() }),
  unit: Text.optional(),
  /** How many decimals people read. The answer is the full number. */
  decimals: z.int().min(0).max(MAX_DECIMALS),
  /** The range of the target in training. */
  seen: z.strictObject({ min: z.number(), max: z.number() }),
  /** In ascending order of `from`. */
  bands: z.array(ValueBand).min(1).optional(),
  /** Quantiles of the residuals (observed minus predicted) of rows that training did not see: an interval is the value plus both. */
  interval: z.strictObject({ level: z.number().gt(0).lt(1), lower: z.number(), upper: z.number() }).optional(),
});
export type RegressionOutput = z.infer<typeof RegressionOutput>;

/** A regression has no labels: a number is observed. */
export const RegressionLabels = z.object({ kind: z.literal('regression') }).transform(() => null);

const Interval = z.strictObject({ level: z.number().gt(0).lt(1), lower: z.number(), upper: z.number() });

/** The answer about one record, which is also recorded. */
export const RegressionOutcome = z.strictObject({
  value: z.number(),
  unit: z.string().optional(),
  interval: Interval.optional(),
  risk: z.string().optional(),
});
export type RegressionOutcome = z.infer<typeof RegressionOutcome>;

/** The value that training got, in a golden case or an example. */
export const RegressionExpectation = z.strictObject({ value: z.number() });
export type RegressionExpectation = z.infer<typeof RegressionExpectation>;

/** Predictions whose outcome is known, measured by their residuals: observed minus predicted. */
export type RegressionComparison = {
  residuals: number[];
  /** The mean absolute residual; null where there is none. */
  mae: number | null;
  /** The root of the mean squared residual; null where there is none. */
  rmse: number | null;
  /** The share of the variance of the observed values that is explained; null where they do not vary. */
  r2: number | null;
};

/** Gives meaning to the graph's answers, by the contract's output. */
export function regressionKind(
  output: RegressionOutput,
): OutputKind<number, RegressionOutcome, RegressionExpectation, RegressionComparison> {
  const { unit, bands, interval } = output;
  return {
    defects: () => [
      ...(output.seen.min <= output.seen.max ? [] : ['output.seen.min is above output.seen.max']),
      ...(!interval || interval.lower <= interval.upper ? [] : ['output.interval.lower is above its upper']),
      ...(bandsAscend(bands ?? []) ? [] : ['the first band must start at null, and the others ascend']),
    ],
    expectationDefect: (expected) =>
      'value' in expected ? null : 'must have "value": the output is of the kind regression',
    readRaw: readValues,
    toOutcome(value) {
      if (!Number.isFinite(value)) throw new RangeError(`The output ${value} is not a finite number.`);
      return {
        value,
        ...(unit && { unit: unit.en }),
        ...(interval && {
          interval: { level: interval.level, lower: value + interval.lower, upper: value + interval.upper },
        }),
        ...(bands && { risk: bandOf(bands, value).id }),
      };
    },
    labels: [],
    rawOf: ({ value }) => value,
    // Relative, so that a price in millions and a share are held to the same digits.
    distance: (actual, other = Number.NaN) => Math.abs(actual - other) / Math.max(1, Math.abs(other)),
    isSameLabel: () => true,
    compareWithOutcomes: compareValues,
    csv: {
      columns: [
        'value',
        ...(unit ? ['unit'] : []),
        ...(interval ? ['lower', 'upper'] : []),
        ...(bands ? ['risk'] : []),
      ],
      line: (it) =>
        [
          it.value,
          ...(unit ? [cellOf(it.unit ?? null)] : []),
          ...(interval ? [it.interval?.lower ?? '', it.interval?.upper ?? ''] : []),
          ...(bands ? [cellOf(it.risk ?? null)] : []),
        ].join(','),
    },
    tensors: [
      { name: 'value', datatype: 'FP64', read: (it) => it.value },
      ...(interval
        ? [
            {
              name: 'lower',
              datatype: 'FP64',
              read: ({ interval: it }: RegressionOutcome) => it?.lower ?? Number.NaN,
            },
            {
              name: 'upper',
              datatype: 'FP64',
              read: ({ interval: it }: RegressionOutcome) => it?.upper ?? Number.NaN,
            },
          ]
        : []),
      ...(bands ? [{ name: 'risk', datatype: 'BYTES', read: ({ risk }: RegressionOutcome) => risk ?? '' }] : []),
    ],
    describeFields: () => ({
      value: `\`${output.target.name}\`${unit ? ` in ${unit.en}` : ''}. In training, from ${output.seen.min} to ${output.seen.max}.`,
      ...(unit && { unit: 'Of `value`.' }),
      ...(interval && {
        interval: `From the residuals of training: about ${interval.level * 100} % of the values lay in it.`,
      }),
      ...(bands && {
        risk: `The band that the value falls in: ${bands.map(({ id, label, from }) => `\`${id}\` (${label.en})${from === null ? '' : ` from ${from}`}`).join(', ')}.`,
      }),
    }),
  };
}

/** The cells of an outcome in a table, by the names of their columns. */
export function regressionCells({ value, unit, interval, risk }: RegressionOutcome) {
  return {
    value,
    unit: unit ?? null,
    lower: interval?.lower ?? null,
    upper: interval?.upper ?? null,
    risk: risk ?? null,
  };
}

/** Throws for a tensor of another type or shape, and for a value that is not finite. */
function readValues(tensor: OutputTensor, rows: number, column: number | null): number[] {
  const data = readColumn(tensor, rows, column);
  const wrong = data.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new Error(`output "${tensor.name}" holds ${wrong}, which is not a finite number`);
  return data;
}

function bandsAscend(bands: readonly ValueBand[]): boolean {
  return bands.every(({ from }, i) => {
    const before = bands[i - 1];
    if (!before) return from === null;
    return from !== null && (before.from === null || from > before.from);
  });
}

function bandOf(bands: readonly ValueBand[], value: number): ValueBand {
  const band = bands.findLast(({ from }) => from === null || from <= value);
  if (!band) throw new RangeError(`The value ${value} is in no band.`);
  return band;
}

/** https://scikit-learn.org/stable/modules/model_evaluation.html#regression-metrics, without a value for 0/0. */
function compareValues(
  pairs: readonly { predicted: RegressionOutcome; observed: string | number }[],
): RegressionComparison {
  const known = pairs.flatMap(({ predicted, observed }) =>
    typeof observed === 'number' ? [{ predicted: predicted.value, observed }] : [],
  );
  const residuals = known.map(({ predicted, observed }) => observed - predicted);
  if (residuals.length === 0) return { residuals, mae: null, rmse: null, r2: null };
  const squared = sum(residuals.map((it) => it ** 2));
  const mean = sum(known.map(({ observed }) => observed)) / known.length;
  const variation = sum(known.map(({ observed }) => (observed - mean) ** 2));
  return {
    residuals,
    mae: sum(residuals.map(Math.abs)) / residuals.length,
    rmse: Math.sqrt(squared / residuals.length),
    r2: variation === 0 ? null : 1 - squared / variation,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
