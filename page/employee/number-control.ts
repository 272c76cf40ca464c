import type { Feature, NumericFeature } from '../../common/contract/contract.ts';
import { formatNumber, type Language } from '../language.ts';

/** So many choices are shown side by side; more go into a list, or a number field. */
const MAX_CHOICES = 5;
/** Of all labels together, side by side. */
const MAX_CHARACTERS = 30;
const SLIDER_STEPS = 400;

export type Choice = { value: string; label: string };

/** The values of a feature that has few of them; null for one that has many. */
export function choicesOf(feature: Feature, language: Language): Choice[] | null {
  if (feature.type === 'category') {
    // In every language, so that the form does not change with it.
    const lengths = (['fr', 'en'] as const).map(
      (it) => feature.categories.map(({ label }) => label[it]).join('').length,
    );
    if (Math.max(...lengths) > MAX_CHARACTERS) return null;
    return feature.categories.map(({ value, label }) => ({ value, label: label[language] }));
  }
  const { min, max } = feature.accepted;
  if (feature.type !== 'integer' || max - min >= MAX_CHOICES) return null;
  return Array.from({ length: max - min + 1 }, (_, i) => ({
    value: String(min + i),
    label: formatNumber(language, min + i),
  }));
}

/** The range of a slider: what was seen in training. The number field beside it takes the rest of what is accepted. */
export function sliderOf({ type, seen }: NumericFeature): { min: number; max: number; step: number } {
  const [min, max] = [Math.floor(seen.min), Math.ceil(seen.max)];
  if (type === 'integer') return { min, max, step: 1 };
  const step = roundStep((max - min) / SLIDER_STEPS);
  return { min: Math.floor(min / step) * step, max: Math.ceil(max / step) * step, step };
}

/** The next larger of 1, 2 or 5 times a power of ten. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((it) => it * power).find((it) => it >= least * (1 - 1e-9)) ?? 10 * power;
}

/** As "18 to 70 years", or "more than 0, up to 50,000 EUR". */
export function describeRange({ accepted, unit }: NumericFeature, language: Language): string {
  const { exclusiveMin, exclusiveMax } = accepted;
  const words = RANGE_WORDS[language];
  const upTo = exclusiveMax ? words.lessThan : exclusiveMin ? words.upTo : words.to;
  const range = `${exclusiveMin ? words.moreThan : ''}${formatNumber(language, accepted.min)}${upTo}${formatNumber(language, accepted.max)}`;
  return unit ? `${range}\u00a0${unit[language]}` : range;
}

const RANGE_WORDS = {
  fr: { to: ' à ', moreThan: 'plus de ', upTo: ', jusqu’à ', lessThan: ', moins de ' },
  en: { to: ' to ', moreThan: 'more than ', upTo: ', up to ', lessThan: ', less than ' },
};

/** A feature's value in words, with its unit. */
export function describeValue(feature: Feature, value: string | number | boolean, language: Language): string {
  if (feature.type === 'category')
    return feature.categories.find((it) => it.value === value)?.label[language] ?? String(value);
  const number = formatNumber(language, Number(value));
  return feature.unit ? `${number}\u00a0${feature.unit[language]}` : number;
}
