import type { Contract } from '../contract/contract.ts';
import { type Feature, featureKind } from '../contract/features/features.ts';
import type { FeatureValue, GivenValue } from '../contract/features/kind.ts';
import { isAccepted, isOpen, isWithin } from '../contract/interval.ts';
import { outputKind } from '../contract/outputs/outputs.ts';
import type { OrderRule } from '../contract/rules.ts';

/** The fewest different golden cases of a version; fewer where its features allow for fewer records. */
const MIN_GOLDEN_CASES = 50;

export type GoldenCoverage = {
  /** What the golden cases must show and do not, one phrase each. Empty if they are enough. */
  missing: string[];
  /** What would be good to show, or cannot be shown by any record. */
  remarks: string[];
};

/** An end of an accepted range, and which values show it. */
type End = { what: string; isRequired: boolean; isShownBy: (value: number) => boolean };

/** Whether the golden cases show each label, each category, and both ends of each accepted range. Examples do not count. */
export function goldenCoverage(contract: Contract): GoldenCoverage {
  const missing: string[] = [];
  const remarks: string[] = [];
  const different = new Set(contract.golden.map(({ values }) => JSON.stringify(values))).size;
  const needed = Math.min(MIN_GOLDEN_CASES, countRecords(contract));
  if (different < needed) missing.push(`${different} different golden cases, and at least ${needed} are needed`);
  missing.push(...labelGaps(contract));
  for (const [column, feature] of contract.features.entries()) {
    const values = contract.golden.flatMap(({ values }) => values.slice(column, column + 1));
    const gaps = featureGaps(contract, feature, values);
    missing.push(...gaps.missing);
    remarks.push(...gaps.remarks);
  }
  remarks.push(...contract.rules.flatMap((rule) => (rule.type === 'at-most' ? ruleGaps(contract, rule) : [])));
  return { missing, remarks };
}

/** How many different records there can be, if no rule between features refused any. */
function countRecords({ features }: Contract): number {
  return features.reduce((product, feature) => {
    const { numbers, samples } = featureKind(feature);
    if (!numbers) return product * samples().length;
    const { isInteger, accepted } = numbers;
    return product * (isInteger ? Math.floor(accepted.max) - Math.ceil(accepted.min) + 1 : Number.POSITIVE_INFINITY);
  }, 1);
}

function labelGaps({ output, golden }: Contract): string[] {
  const kind = outputKind(output);
  const labels = golden.flatMap((expectation) => {
    const outcome = kind.toOutcome(kind.rawOf(expectation));
    return 'label' in outcome ? [outcome.label] : [];
  });
  return kind.labels.flatMap(({ value }) => (labels.includes(value) ? [] : [`the label "${value}"`]));
}

function featureGaps(contract: Contract, feature: Feature, all: readonly FeatureValue[]): GoldenCoverage {
  const kind = featureKind(feature);
  const { name } = feature;
  const gaps = givenGaps(
    contract,
    feature,
    all.filter((value) => value !== null),
  );
  const isShown = kind.missing === null || all.includes(null);
  return { ...gaps, missing: isShown ? gaps.missing : [...gaps.missing, `${name} missing (null)`] };
}

function givenGaps(contract: Contract, feature: Feature, values: readonly GivenValue[]): GoldenCoverage {
  const kind = featureKind(feature);
  const { name } = feature;
  const samples = kind.samples().filter((sample) => !values.some((value) => value === sample));
  // A kind without numbers has each of its values for a sample; one with numbers, the ends of what training has seen.
  if (!kind.numbers) return { missing: samples.map((sample) => `${name} = ${JSON.stringify(sample)}`), remarks: [] };
  const numbers = values.filter((value) => typeof value === 'number');
  const open = endsOf(contract, feature).filter(({ isShownBy }) => !numbers.some(isShownBy));
  return {
    missing: open.filter(({ isRequired }) => isRequired).map(({ what }) => what),
    remarks: [
      ...open.filter(({ isRequired }) => !isRequired).map(({ what }) => what),
      ...samples.map((sample) => `${name} = ${JSON.stringify(sample)}, an end of what training has seen`),
    ],
  };
}

/**
 * Both ends of an accepted range. An inclusive end is shown by that very value. An exclusive end is no value, and an end may be
 * refused for its unit: it is shown by a value as far out as training has seen. An end that a rule keeps every record from is
 * not required.
 */
function endsOf({ rules, features }: Contract, { name }: Feature): End[] {
  const own = boundsOf(features, name);
  if (!own) return [];
  const { accepted, seen, numbers } = own;
  const orders = rules.filter((rule) => rule.type === 'at-most');
  const isBelowLeft = orders.some(({ left, right, offset }) => {
    const other = right === name ? boundsOf(features, left) : null;
    return other !== null && accepted.min + offset < other.accepted.min;
  });
  const isAboveRight = orders.some(({ left, right, offset }) => {
    const other = left === name ? boundsOf(features, right) : null;
    return other !== null && accepted.max > other.accepted.max + offset;
  });
  const end = (which: 'min' | 'max', isOut: boolean): End => {
    const bound = accepted[which];
    if (!isOpen(bound) && isAccepted(numbers, bound))
      return { what: `${name} = ${bound}`, isRequired: !isOut, isShownBy: (value) => value === bound };
    const isFarOut = (value: number) => (which === 'min' ? value <= seen.min : value >= seen.max);
    return {
      what: `${name} ${which === 'min' ? 'at most' : 'at least'} ${seen[which]}`,
      isRequired: !isOut,
      isShownBy: (value) => isFarOut(value) && isWithin(accepted, value),
    };
  };
  return [end('min', isBelowLeft), end('max', isAboveRight)];
}

/** The numbers that a feature takes, and those that training has seen; null for a feature without numbers. */
function boundsOf(features: readonly Feature[], name: string) {
  const feature = features.find((it) => it.name === name);
  const kind = feature && featureKind(feature);
  if (!kind?.numbers) return null;
  const seen = kind.samples().filter((sample) => typeof sample === 'number');
  return {
    accepted: kind.numbers.accepted,
    numbers: kind.numbers,
    seen: { min: Math.min(...seen), max: Math.max(...seen) },
  };
}

/** A rule is exercised by a record at its limit: the next value is refused. */
function ruleGaps({ features, golden }: Contract, { id, left, right, offset }: OrderRule): string[] {
  const at = (name: string) => features.findIndex((feature) => feature.name === name);
  const [leftAt, rightAt] = [at(left), at(right)];
  const isAtLimit = golden.some(({ values }) => {
    const [one, other] = [values[leftAt], values[rightAt]];
    return typeof one === 'number' && typeof other === 'number' && one === other + offset;
  });
  return isAtLimit ? [] : [`the rule "${id}" at its limit`];
}
