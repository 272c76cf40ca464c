import type { StoredPrediction } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { featureKind } from '../../common/contract/features/features.ts';
import {
  type Bin,
  type BinCounts,
  type Confusion,
  compareWithOutcomes,
  type Histogram,
  meanOf,
  readStability,
  type Stability,
  type StabilityReading,
} from '../../common/history/statistics.ts';

/** What of a prediction the dashboard looks at. */
export type Observed = Pick<
  StoredPrediction,
  'createdAt' | 'model' | 'input' | 'label' | 'probability' | 'risk' | 'outcome'
>;

/** One day in UTC. `mean` is null on a day without predictions. */
export type Day = { date: string; count: number; mean: number | null; risks: ReadonlyMap<string, number> };

export type Drift = { name: string; histogram: Histogram; reading: (StabilityReading & { bins: BinCounts }) | null };

export type Overview = {
  total: number;
  mean: number | null;
  /** Every day from the first prediction to the last, in order. */
  days: Day[];
  risks: ReadonlyMap<string, number>;
  /** How many predictions there are of each version, by "name version". */
  versions: ReadonlyMap<string, number>;
  /** Of the predictions whose outcome is known. */
  confusion: Confusion;
  known: number;
  /** What is compared with the training baseline: predictions of the version that serves. Null without a baseline. */
  drift: { compared: number; probability: Drift; features: Drift[] } | null;
};

export function aggregate(predictions: readonly Observed[], contract: Contract): Overview {
  const outcomes = predictions.flatMap(({ label, outcome }) =>
    outcome ? [{ predicted: label, observed: outcome.label }] : [],
  );
  return {
    total: predictions.length,
    mean: meanOf(predictions.map(({ probability }) => probability)),
    days: byDay(predictions),
    risks: countBy(predictions, ({ risk }) => risk),
    versions: countBy(predictions, ({ model }) => `${model.name} ${model.version}`),
    confusion: compareWithOutcomes(outcomes, contract.output.positive.value),
    known: outcomes.length,
    drift: findDrift(predictions, contract),
  };
}

function byDay(predictions: readonly Observed[]): Day[] {
  const groups = new Map<string, Observed[]>();
  for (const prediction of predictions) {
    const date = new Date(prediction.createdAt).toISOString().slice(0, 10);
    const group = groups.get(date);
    if (group) group.push(prediction);
    else groups.set(date, [prediction]);
  }
  const dates = [...groups.keys()].sort();
  return daysBetween(dates[0], dates.at(-1)).map((date) => {
    const those = groups.get(date) ?? [];
    return {
      date,
      count: those.length,
      mean: meanOf(those.map(({ probability }) => probability)),
      risks: countBy(those, ({ risk }) => risk),
    };
  });
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

/** What has moved most comes first: that is where to look. */
function findDrift(
  predictions: readonly Observed[],
  { name, version, baseline, features }: Contract,
): Overview['drift'] {
  if (!baseline) return null;
  const compared = predictions.filter(({ model }) => model.name === name && model.version === version);
  const read = (field: string, histogram: Histogram, values: Bin[]): Drift => {
    return { name: field, histogram, reading: readStability(histogram, values) };
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
    probability: read(
      '',
      baseline.probability,
      compared.map(({ probability }) => probability),
    ),
    features: drifts.sort((a, b) => rankOf(a) - rankOf(b) || (b.reading?.psi ?? 0) - (a.reading?.psi ?? 0)),
  };
}

const RANKS: Record<Stability, number> = { drifted: 0, shifted: 1, unclear: 2, stable: 3 };

function rankOf({ reading }: Drift): number {
  return reading ? RANKS[reading.stability] : Number.POSITIVE_INFINITY;
}
