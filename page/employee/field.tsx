import type { CategoricalFeature, Feature, NumericFeature } from '../../common/contract/contract.ts';
import type { Language } from '../language.ts';
import { UNREADABLE } from './form-record.ts';
import { type Choice, choicesOf, describeRange, sliderOf } from './number-control.ts';
import { texts } from './texts.ts';

type Props = {
  feature: Feature;
  language: Language;
  entry: string;
  /** What is wrong with the entry, and what is unusual about it; '' where nothing is. */
  error: string;
  warning: string;
  change(entry: string): void;
  leave(): void;
};

/** What the parts of a field are called, for their relations. */
function idsOf(name: string) {
  return { control: `field-${name}`, label: `field-${name}-label`, notes: `field-${name}-notes` };
}

/** One feature: its label, the control that suits it, and what there is to say about the entry. */
export function Field(props: Props) {
  const { feature, language, error, warning } = props;
  const ids = idsOf(feature.name);
  const choices = choicesOf(feature, language);
  const help = feature.help?.[language];
  return (
    <div class="field">
      <div class="name">
        {choices ? (
          <span id={ids.label} class="label">
            {feature.label[language]}
          </span>
        ) : (
          <label id={ids.label} for={ids.control}>
            {feature.label[language]}
          </label>
        )}
        {feature.type !== 'category' && !choices && <span class="help">{describeRange(feature, language)}</span>}
      </div>
      <div class="control" onFocusOut={props.leave}>
        <Control {...props} choices={choices} />
      </div>
      <div id={ids.notes} class="notes">
        {error && <p class="error">{error}</p>}
        {!error && warning && <p class="warning">{warning}</p>}
        {help && <p class="help">{help}</p>}
      </div>
    </div>
  );
}

function Control({ choices, feature, ...props }: Props & { choices: Choice[] | null }) {
  if (choices) return <Choices {...props} name={feature.name} choices={choices} />;
  if (feature.type === 'category') return <List {...props} feature={feature} />;
  return <NumberAndSlider {...props} feature={feature} />;
}

type ControlProps = Omit<Props, 'feature' | 'warning' | 'leave'>;

function Choices({ name, choices, entry, error, change }: ControlProps & { name: string; choices: Choice[] }) {
  const ids = idsOf(name);
  return (
    <div
      id={ids.control}
      class="choices"
      role="radiogroup"
      aria-labelledby={ids.label}
      aria-describedby={ids.notes}
      aria-invalid={error !== ''}
    >
      {choices.map(({ value, label }) => (
        <label key={value}>
          <input type="radio" name={name} value={value} checked={value === entry} onInput={() => change(value)} />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}

function List({ feature, language, entry, error, change }: ControlProps & { feature: CategoricalFeature }) {
  const { name, categories } = feature;
  const ids = idsOf(name);
  return (
    <select
      id={ids.control}
      name={name}
      value={entry}
      aria-describedby={ids.notes}
      aria-invalid={error !== ''}
      onInput={(event) => change(event.currentTarget.value)}
    >
      <option value="">{texts.choose[language]}</option>
      {categories.map(({ value, label }) => (
        <option key={value} value={value}>
          {label[language]}
        </option>
      ))}
    </select>
  );
}

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

/** A field for who the record is about, which the model never sees. */
export function IdentifierField({
  name,
  label,
  language,
  entry,
  error,
  change,
  leave,
}: ControlProps & { name: string; label: string; leave(): void }) {
  const ids = idsOf(name);
  return (
    <div class="field">
      <div class="name">
        <label id={ids.label} for={ids.control}>
          {label}
        </label>
        <span class="help">{texts.optional[language]}</span>
      </div>
      <div class="control" onFocusOut={leave}>
        <input
          id={ids.control}
          name={name}
          type="text"
          autocomplete="off"
          value={entry}
          aria-describedby={ids.notes}
          aria-invalid={error !== ''}
          onInput={(event) => change(event.currentTarget.value)}
        />
      </div>
      <div id={ids.notes} class="notes">
        {error && <p class="error">{error}</p>}
      </div>
    </div>
  );
}
