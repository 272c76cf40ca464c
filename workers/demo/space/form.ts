import type { CategoricalFeature, Contract, Feature, NumericFeature } from '../../../common/contract.ts';
import type { Violation } from '../../../common/violation.ts';
import { element } from './dom.ts';
import { formatNumber, type Language } from './language.ts';
import { texts } from './texts.ts';

type Control = HTMLInputElement | HTMLSelectElement;
type Field = { feature: Feature; element: HTMLElement; control: Control; error: HTMLElement };

export type FeatureForm = {
  /** One fieldset a group of the contract. */
  fieldsets: HTMLElement[];
  /** What the controls hold, as a record to validate; a control that holds nothing is left out. */
  read(): Record<string, unknown>;
  /** What the controls hold, to be given to `fill`. */
  texts(): Record<string, string>;
  fill(values: Readonly<Record<string, string | number>>): void;
  /** Shows each violation beside its fields, and nothing beside the others. */
  show(violations: readonly Violation[]): void;
  focusFirstInvalid(): void;
};

/** Builds the controls that a contract asks for, empty. */
export function createForm(contract: Contract, language: Language): FeatureForm {
  const fields = contract.features.map((feature) => createField(feature, language));
  const fieldsets = contract.groups.map(({ id, label }) => {
    const members = fields.filter(({ feature }) => feature.group === id).map((field) => field.element);
    return element(
      'fieldset',
      {},
      element('legend', {}, label[language]),
      element('div', { class: 'fields' }, ...members),
    );
  });
  return {
    fieldsets,
    read: () =>
      Object.fromEntries(
        fields.flatMap(({ feature, control }) => {
          const value = readControl(control);
          return value === undefined ? [] : [[feature.name, value]];
        }),
      ),
    texts: () => Object.fromEntries(fields.map(({ feature, control }) => [feature.name, control.value])),
    fill: (values) => {
      for (const { feature, control } of fields) control.value = String(values[feature.name] ?? '');
    },
    show: (violations) => {
      for (const { feature, control, error } of fields) {
        const own = violations.filter(({ fields: named }) => named.includes(feature.name));
        error.textContent = own.map(({ message }) => message[language]).join(' ');
        control.setAttribute('aria-invalid', String(own.length > 0));
      }
    },
    focusFirstInvalid: () => {
      const inOrder = fieldsets.flatMap((it) => Array.from(it.querySelectorAll<HTMLElement>('[aria-invalid="true"]')));
      inOrder[0]?.focus();
    },
  };
}

function readControl(control: Control): string | number | undefined {
  // What a number input cannot read, it shows but does not tell.
  if (control.validity.badInput) return Number.NaN;
  if (control.value === '') return undefined;
  return control instanceof HTMLInputElement ? control.valueAsNumber : control.value;
}

function createField(feature: Feature, language: Language): Field {
  const id = `field-${feature.name}`;
  const error = element('p', { id: `${id}-error`, class: 'error' });
  const help = feature.help && element('p', { id: `${id}-help`, class: 'help' }, feature.help[language]);
  const describedBy = help ? `${help.id} ${error.id}` : error.id;
  const attributes = { id, name: feature.name, 'aria-describedby': describedBy, autocomplete: 'off' };
  const control =
    feature.type === 'category' ? createSelect(feature, attributes, language) : createInput(feature, attributes);
  const range =
    feature.type === 'category' ? [] : [' ', element('span', { class: 'range' }, describeRange(feature, language))];
  const label = element('label', { for: id }, feature.label[language], ...range);
  return {
    feature,
    control,
    error,
    element: element('div', { class: 'field' }, label, control, element('div', {}, ...(help ? [help] : []), error)),
  };
}

function createInput({ type, accepted }: NumericFeature, attributes: Record<string, string>): HTMLInputElement {
  return element('input', {
    ...attributes,
    type: 'number',
    inputmode: type === 'integer' && accepted.min >= 0 ? 'numeric' : 'decimal',
    min: String(accepted.min),
    max: String(accepted.max),
    step: type === 'integer' ? '1' : 'any',
  });
}

function createSelect(
  { categories }: CategoricalFeature,
  attributes: Record<string, string>,
  language: Language,
): HTMLSelectElement {
  const options = categories.map(({ value, label }) => element('option', { value }, label[language]));
  return element('select', attributes, element('option', { value: '' }, texts.choose[language]), ...options);
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
