import type { Contract } from '../contract/contract.ts';

/** Counts of what a model was trained on: by category, or between consecutive edges (see the contract's baseline). */
export type Histogram = NonNullable<Contract['baseline']>['features'][string];
type NumericHistogram = Extract<Histogram, { edges: unknown }>;

/** Counts of the same bins, in training and in live traffic. */
export type BinCounts = { expected: number[]; actual: number[] };

/** Where a value is counted: at a number, under a name, or with the missing values. A kind of feature says which. */
export type Bin = number | string | null;

/**
 * Sorts live values into the bins of a baseline. A number outside its edges is counted in the bin at that end: it is further
 * out of what that bin stands for, and not nothing. Missing values, and names that the baseline does not tell, share one more bin.
 * rows: how many rows the baseline was made of. Those that its counts leave out are in that bin too: names of few people are not told.
 */
export function countInBins(baseline: Histogram, values: readonly Bin[], rows?: number): BinCounts {
  const { expected, actual, others } =
    'edges' in baseline ? countNumbers(baseline, values) : countNames(baseline, values);
  const untold = rows === undefined ? 0 : rows - sum(expected);
  return others > 0 || untold > 0
    ? { expected: [...expected, untold], actual: [...actual, others] }
    : { expected, actual };
}

function countNumbers({ edges, counts }: NumericHistogram, values: readonly Bin[]): BinCounts & { others: number } {
  const numbers = values.filter((value) => typeof value === 'number');
  return { expected: counts, actual: countBetween(edges, numbers), others: values.length - numbers.length };
}

function countNames(
  { counts }: Exclude<Histogram, NumericHistogram>,
  values: readonly Bin[],
): BinCounts & { others: number } {
  const names = Object.keys(counts);
  const positions = new Map<Bin, number>(names.map((name, i) => [name, i]));
  const actual = new Array<number>(names.length).fill(0);
  let others = 0;
  for (const value of values) {
    const i = positions.get(value);
    if (i === undefined) others++;
    else actual[i] = (actual[i] ?? 0) + 1;
  }
  return { expected: Object.values(counts), actual, others };
}

/** How many values lie in each bin [edges[i], edges[i + 1]), of which the last includes its end; what is outside is in the nearest. */
export function countBetween(edges: readonly number[], values: readonly number[]): number[] {
  const inner = edges.slice(1, -1);
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const value of values) {
    const above = inner.findIndex((edge) => value < edge);
    const bin = above < 0 ? inner.length : above;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/**
 * An empty bin counts as so many rows, without which the index would be infinite. A fixed share, as is often seen (0.0001,
 * which this is of 5,000 rows), would make an index of over 1 of the bins that any sample of ten rows leaves empty.
 */
const EMPTY_BIN_ROWS = 0.5;

/**
 * Population stability index of two histograms over the same bins: Σ (a − e) · ln(a / e) over the shares a and e of each
 * bin; 0 for the same distribution. NaN where either has no rows. N. Siddiqi, Credit Risk Scorecards, Wiley 2006.
 */
export function populationStabilityIndex({ expected, actual }: BinCounts): number {
  const [e, a] = [sharesOf(expected), sharesOf(actual)];
  return e.reduce((sum, share, i) => {
    const live = a[i] ?? Number.NaN;
    return sum + (live - share) * Math.log(live / share);
  }, 0);
}

function sharesOf(counts: readonly number[]): number[] {
  const total = sum(counts);
  return counts.map((count) => (total === 0 ? Number.NaN : Math.max(count, EMPTY_BIN_ROWS) / total));
}

/**
 * The index that 99 samples of 100 stay below where nothing has changed. Of n and m rows in b bins it is then distributed as
 * (1/n + 1/m) · χ² with b − 1 degrees of freedom: B. Yurdakul, Statistical Properties of Population Stability Index, Western
 * Michigan University 2018 (scholarworks.wmich.edu/dissertations/3208). χ² by Wilson and Hilferty's approximation (Proc. Natl.
 * Acad. Sci. 17, 1931), within 2 % of the exact quantile from 2 degrees of freedom on.
 */
export function stabilityChanceLimit({ expected, actual }: BinCounts): number {
  const z = 2.326_348; // 99 % quantile of the normal distribution
  const freedom = expected.length - 1;
  if (freedom < 1) return 0;
  const spread = 2 / (9 * freedom);
  return (1 / sum(expected) + 1 / sum(actual)) * freedom * (1 - spread + z * Math.sqrt(spread)) ** 3;
}

/** The usual limits, by convention (Siddiqi): below 0.1 nothing to see, from 0.25 on another population. */
const SHIFT = 0.1;
const DRIFT = 0.25;

/** `unclear`: the index is high, but so few rows give such an index by chance. */
export type Stability = 'stable' | 'shifted' | 'drifted' | 'unclear';
export type StabilityReading = { psi: number; chanceLimit: number; stability: Stability };

/** Compares live values with their baseline, which was made of `rows` rows; null where there are no values. */
export function readStability(
  baseline: Histogram,
  values: readonly Bin[],
  rows?: number,
): (StabilityReading & { bins: BinCounts }) | null {
  if (values.length === 0) return null;
  const bins = countInBins(baseline, values, rows);
  const psi = populationStabilityIndex(bins);
  const chanceLimit = stabilityChanceLimit(bins);
  return { psi, chanceLimit, stability: judge(psi, chanceLimit), bins };
}

function judge(psi: number, chanceLimit: number): Stability {
  if (psi < SHIFT) return 'stable';
  if (psi < chanceLimit) return 'unclear';
  return psi < DRIFT ? 'shifted' : 'drifted';
}

/** Null for no values. */
export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The edges of `bins` bins of equal width over [0, 1]. */
export function unitEdges(bins: number): number[] {
  return Array.from({ length: bins + 1 }, (_, i) => i / bins);
}
