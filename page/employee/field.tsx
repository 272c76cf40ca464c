import type { Feature } from '../../common/contract/features/features.ts';
import { type Choice, type ControlProps, idsOf, UNKNOWN } from '../features/control.ts';
import { featureControl } from '../features/controls.ts';
import { texts } from './texts.ts';

type Props = ControlProps & {
  feature: Feature;
  /** A warning about the entry; '' for a usual one. */
  warning: string;
  leave(): void;
};

/** One feature: its label, the control that suits it, and the messages about its entry. */
export function Field(props: Props) {
  const { feature, language, error, warning, change } = props;
  const isUnknown = props.entry === UNKNOWN;
  const given = { ...props, entry: isUnknown ? '' : props.entry };
  const ids = idsOf(feature.name);
  const control = featureControl(feature);
  const choices = control.choices(language);
  const range = choices ? null : control.describeRange(language);
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
        {range !== null && <span class="help">{range}</span>}
      </div>
      <div class="control" onFocusOut={props.leave}>
        {choices ? <Choices {...given} name={feature.name} choices={choices} /> : <control.Control {...given} />}
      </div>
      {feature.missing && (
        <label class="unknown">
          <input
            type="checkbox"
            checked={isUnknown}
            aria-describedby={ids.label}
            onInput={({ currentTarget: { checked } }) => change(checked ? UNKNOWN : '')}
          />
          {texts.unknown[language]}
        </label>
      )}
      <div id={ids.notes} class="notes">
        {error && <p class="error">{error}</p>}
        {!error && warning && <p class="warning">{warning}</p>}
        {help && <p class="help">{help}</p>}
      </div>
    </div>
  );
}

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

/** The field of the record's identifier. The model never sees it. */
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
