import type { NumericFeature } from '../../common/contract/features/numeric.ts';
import { isOpen } from '../../common/contract/interval.ts';
import type { Text } from '../../common/contract/text.ts';
import { unitOf } from '../../common/contract/unit.ts';
import { readTyped, spellNumber } from '../../common/record/read-number.ts';
import { formatNumber, type Language } from '../language.ts';
import { type ControlProps, type FeatureControl, idsOf, MISSING } from './control.ts';
import { nextNumber, roundStep } from './number-entry.ts';

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
    readEntry: readTyped,
    toEntry: (value, language) => (typeof value === 'number' ? spell(value, language) : String(value)),
    describe(value, language) {
      if (value === null) return MISSING[language];
      if (typeof value !== 'number') return String(value);
      return withUnit(formatNumber(language, value), value, unit, language);
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

/** As "18 to 70 years", or "more than 0, up to 50,000 EUR"; null where every number is accepted. */
function describeRange({ accepted, unit }: NumericFeature, language: Language): string | null {
  const { min, max, exclusiveMin, exclusiveMax } = accepted;
  const words = RANGE_WORDS[language];
  const end = (bound: number, words: string) =>
    withUnit(`${words}${formatNumber(language, bound)}`, bound, unit, language);
  if (isOpen(min) && isOpen(max)) return null;
  if (isOpen(max)) return end(min, exclusiveMin ? words.moreThan : words.atLeast);
  if (isOpen(min)) return end(max, exclusiveMax ? words.under : words.atMost);
  const upTo = exclusiveMax ? words.lessThan : exclusiveMin ? words.upTo : words.to;
  const range = `${exclusiveMin ? words.moreThan : ''}${formatNumber(language, accepted.min)}${upTo}${formatNumber(language, accepted.max)}`;
  return withUnit(range, accepted.max, unit, language);
}

function withUnit(text: string, value: number, unit: Text | undefined, language: Language): string {
  return unit ? `${text}\u00a0${unitOf(value, unit, language)}` : text;
}

const RANGE_WORDS = {
  fr: {
    to: ' à ',
    moreThan: 'plus de ',
    atLeast: 'au moins ',
    upTo: ', jusqu’à ',
    lessThan: ', moins de ',
    atMost: 'au plus ',
    under: 'moins de ',
  },
  en: {
    to: ' to ',
    moreThan: 'more than ',
    atLeast: 'at least ',
    upTo: ', up to ',
    lessThan: ', less than ',
    atMost: 'at most ',
    under: 'less than ',
  },
};

const DIRECTIONS: Readonly<Record<string, 1 | -1>> = { ArrowUp: 1, ArrowDown: -1 };

/**
 * A number is typed as text, and read by the reader of all typed numbers. A number field of the browser's own reads decimals by
 * the browser's language, which need not be the page's ("1,5" became 15), and the wheel changes it while somebody scrolls.
 */
function NumberAndSlider({ feature, language, entry, error, change }: ControlProps & { feature: NumericFeature }) {
  const { name, type, accepted } = feature;
  const ids = idsOf(name);
  const slider = sliderOf(feature);
  const value = readTyped(entry);
  const number = typeof value === 'number' ? value : null;

  function step(event: KeyboardEvent): void {
    const direction = DIRECTIONS[event.key];
    if (!direction || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // The keys would move the caret.
    event.preventDefault();
    if (number !== null) change(spell(nextNumber(number, direction, accepted), language));
    else if (entry.trim() === '') change(spell(nextNumber(0, direction, accepted), language));
  }

  return (
    <>
      <input
        id={ids.control}
        name={name}
        type="text"
        role="spinbutton"
        class="number-entry"
        inputMode={accepted.min < 0 ? 'text' : type === 'integer' ? 'numeric' : 'decimal'}
        autocomplete="off"
        spellcheck={false}
        value={entry}
        aria-valuemin={isOpen(accepted.min) ? undefined : accepted.min}
        aria-valuemax={isOpen(accepted.max) ? undefined : accepted.max}
        aria-valuenow={number ?? undefined}
        aria-valuetext={entry.trim() === '' ? MISSING[language] : entry}
        aria-describedby={ids.notes}
        aria-invalid={error !== ''}
        onKeyDown={step}
        onInput={({ currentTarget: { value } }) => change(value)}
      />
      {/* The number field says and takes the same, and more: the keyboard and screen readers have that one. */}
      <input
        type="range"
        {...slider}
        value={number ?? slider.min}
        class={number === null ? 'unset' : ''}
        tabIndex={-1}
        aria-hidden="true"
        onInput={({ currentTarget: { valueAsNumber } }) => change(spell(valueAsNumber, language))}
      />
    </>
  );
}

function spell(value: number, language: Language): string {
  return spellNumber(value, language === 'fr' ? ',' : '.');
}
