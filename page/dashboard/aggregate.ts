import type { StoredPrediction } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { featureKind } from '../../common/contract/features/features.ts';
import { type Comparison, type Outcome, outputKind } from '../../common/contract/outputs/outputs.ts';
import { observedOf } from '../../common/history/observed-outcome.ts';
import {
  type Bin,
  type BinCounts,
  type Histogram,
  readStability,
  type Stability,
  type StabilityReading,
} from '../../common/history/statistics.ts';
import type { DayOutcomes } from '../outputs/output-charts.ts';
import { outputView } from '../outputs/views.ts';

/** The part of a prediction that the dashboard reads. */
export type Observed = Pick<StoredPrediction, 'createdAt' | 'model' | 'input' | 'outcome'> & Outcome;

export type Drift = { name: string; histogram: Histogram; reading: (StabilityReading & { bins: BinCounts }) | null };

export type Overview = {
  total: number;
  /** Every day from the first prediction to the last, in order. */
  days: DayOutcomes<Observed>[];
  /** How many predictions there are of each version, by "name version". */
  versions: ReadonlyMap<string, number>;
  /** The predictions whose outcome is known, compared with it. */
  comparison: Comparison;
  known: number;
  /** Compares the predictions of the serving version with the training baseline. Null without a baseline. */
  drift: { compared: number; output: Drift | null; features: Drift[] } | null;
};

/** `observed` are the predictions whose outcome is known. They need not be among `predictions`, which may be the newest alone. */
export function aggregate(
  predictions: readonly Observed[],
  observed: readonly Observed[],
  contract: Contract,
): Overview {
  const known = observed.flatMap((predicted) => {
    return predicted.outcome ? [{ predicted, observed: observedOf(predicted.outcome) }] : [];
  });
  return {
    total: predictions.length,
    days: byDay(predictions),
    versions: countBy(predictions, ({ model }) => `${model.name} ${model.version}`),
    comparison: outputKind(contract.output).compareWithOutcomes(known),
    known: known.length,
    drift: findDrift(predictions, contract),
  };
}

function byDay(predictions: readonly Observed[]): DayOutcomes<Observed>[] {
  const groups = new Map<string, Observed[]>();
  for (const prediction of predictions) {
    const date = new Date(prediction.createdAt).toISOString().slice(0, 10);
    const group = groups.get(date);
    if (group) group.push(prediction);
    else groups.set(date, [prediction]);
  }
  const dates = [...groups.keys()].sort();
  return daysBetween(dates[0], dates.at(-1)).map((date) => ({ date, outcomes: groups.get(date) ?? [] }));
}

function daysBetween(first: string | undefined, last: string | undefined): string[] {
  if (first === undefined || last === undefined) return [];
  const dates: string[] = [];
  for (const day = new Date(`${first}T00:00:00Z`); ; day.setUTCDate(day.getUTCDate() + 1)) {
    const date = day.toISOString().slice(0, 10);
    dates.push(date);
    if (date >= last) return dates;
  }
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** The fields that moved most come first. */
function findDrift(
  predictions: readonly Observed[],
  { name, version, baseline, features, output }: Contract,
): Overview['drift'] {
  if (!baseline) return null;
  const { drift } = outputView(output);
  const histogram = drift.histogram(baseline);
  const compared = predictions.filter(({ model }) => model.name === name && model.version === version);
  const read = (field: string, histogram: Histogram, values: Bin[]): Drift => {
    return { name: field, histogram, reading: readStability(histogram, values, baseline.rows) };
  };
  const drifts = features.flatMap((feature) => {
    const histogram = baseline.features[feature.name];
    const { binOf } = featureKind(feature);
    return histogram
      ? [
          read(
            feature.name,
            histogram,
            compared.flatMap(({ input: { [feature.name]: value } }) => (value === undefined ? [] : binOf(value))),
          ),
        ]
      : [];
  });
  return {
    compared: compared.length,
    output: histogram && read('', histogram, compared.map(drift.binOf)),
    features: drifts.sort((a, b) => rankOf(a) - rankOf(b) || (b.reading?.psi ?? 0) - (a.reading?.psi ?? 0)),
  };
}

const RANKS: Record<Stability, number> = { drifted: 0, shifted: 1, unclear: 2, stable: 3 };

function rankOf({ reading }: Drift): number {
  return reading ? RANKS[reading.stability] : Number.POSITIVE_INFINITY;
}
