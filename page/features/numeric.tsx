import type { NumericFeature } from '../../common/contract/features/numeric.ts';
import { formatNumber, type Language } from '../language.ts';
import { type ControlProps, type FeatureControl, idsOf, MISSING } from './control.ts';
import { roundStep, UNREADABLE } from './number-entry.ts';

/** So many choices are shown side by side; more have a number field. */
const MAX_CHOICES = 5;
const SLIDER_STEPS = 400;
/** How many values of a number are tried at most. */
const MAX_VALUES = 61;

export function numericControl(feature: NumericFeature): FeatureControl {
  const { type, accepted, unit } = feature;
  return {
    choices(language) {
      const { min, max } = accepted;
      if (type !== 'integer' || max - min >= MAX_CHOICES) return null;
      return Array.from({ length: max - min + 1 }, (_, i) => ({
        value: String(min + i),
        label: formatNumber(language, min + i),
      }));
    },
    describeRange: (language) => describeRange(feature, language),
    Control: (props) => <NumberAndSlider {...props} feature={feature} />,
    readEntry: (entry) => (entry === UNREADABLE ? Number.NaN : Number(entry)),
    describe(value, language) {
      if (value === null) return MISSING[language];
      const text = typeof value === 'number' ? formatNumber(language, value) : String(value);
      return unit ? `${text}\u00a0${unit[language]}` : text;
    },
    valuesToTry() {
      const { min, max, step } = sliderOf(feature);
      const apart = Math.max(step, roundStep((max - min) / (MAX_VALUES - 1)));
      const first = Math.ceil(min / apart) * apart;
      const inside = Array.from({ length: Math.floor((max - first) / apart) + 1 }, (_, i) => first + i * apart);
      return [...new Set([min, ...inside, max])];
    },
    scale: { unit: unit ?? null },
  };
}

/** The range of a slider: the range that training covers. The number field beside it takes every other accepted value. */
export function sliderOf({ type, seen }: NumericFeature): { min: number; max: number; step: number } {
  const [min, max] = [Math.floor(seen.min), Math.ceil(seen.max)];
  if (type === 'integer') return { min, max, step: 1 };
  const step = roundStep((max - min) / SLIDER_STEPS);
  return { min: Math.floor(min / step) * step, max: Math.ceil(max / step) * step, step };
}

/** As "18 to 70 years", or "more than 0, up to 50,000 EUR". */
function describeRange({ accepted, unit }: NumericFeature, language: Language): string {
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

function NumberAndSlider({ feature, entry, error, change }: ControlProps & { feature: NumericFeature }) {
  const { name, type, accepted } = feature;
  const ids = idsOf(name);
  const slider = sliderOf(feature);
  const shown = entry === UNREADABLE ? '' : entry;
  return (
    <>
      <input
        id={ids.control}
        name={name}
        type="number"
        inputMode={type === 'integer' && accepted.min >= 0 ? 'numeric' : 'decimal'}
        min={accepted.min}
        max={accepted.max}
        step={type === 'integer' ? 1 : 'any'}
        autocomplete="off"
        value={shown}
        aria-describedby={ids.notes}
        aria-invalid={error !== ''}
        onInput={({ currentTarget: { value, validity } }) => change(validity.badInput ? UNREADABLE : value)}
      />
      {/* The number field says and takes the same, and more: the keyboard and screen readers have that one. */}
      <input
        type="range"
        {...slider}
        value={shown === '' ? slider.min : shown}
        class={shown === '' ? 'unset' : ''}
        tabIndex={-1}
        aria-hidden="true"
        onInput={(event) => change(event.currentTarget.value)}
      />
    </>
  );
}
