import type { CategoryFeature } from '../../common/contract/features/category.ts';
import { texts } from '../employee/texts.ts';
import { type ControlProps, type FeatureControl, idsOf, MISSING } from './control.ts';

/** Of all labels together, side by side. */
const MAX_CHARACTERS = 30;

export function categoryControl(feature: CategoryFeature): FeatureControl {
  const { categories } = feature;
  return {
    choices(language) {
      // Any other text must find a place.
      if (feature.unknown === 'warn') return null;
      // In every language, so that the form does not change with it.
      const lengths = (['fr', 'en'] as const).map((it) => categories.map(({ label }) => label[it]).join('').length);
      if (Math.max(...lengths) > MAX_CHARACTERS) return null;
      return categories.map(({ value, label }) => ({ value, label: label[language] }));
    },
    describeRange: () => null,
    Control: (props) =>
      feature.unknown === 'warn' ? (
        <TextWithList {...props} feature={feature} />
      ) : (
        <List {...props} feature={feature} />
      ),
    readEntry: (entry) => entry,
    toEntry: String,
    describe(value, language) {
      if (value === null) return MISSING[language];
      return categories.find((it) => it.value === value)?.label[language] ?? String(value);
    },
    valuesToTry: () => categories.map(({ value }) => value),
    scale: null,
  };
}

/** Proposes the categories, and takes any other text. */
function TextWithList({ feature, language, entry, error, change }: ControlProps & { feature: CategoryFeature }) {
  const { name, categories } = feature;
  const ids = idsOf(name);
  const list = `${ids.control}-list`;
  return (
    <>
      <input
        id={ids.control}
        name={name}
        type="text"
        list={list}
        autocomplete="off"
        value={entry}
        aria-describedby={ids.notes}
        aria-invalid={error !== ''}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <datalist id={list}>
        {categories.map(({ value, label }) => (
          <option key={value} value={value}>
            {label[language]}
          </option>
        ))}
      </datalist>
    </>
  );
}

function List({ feature, language, entry, error, change }: ControlProps & { feature: CategoryFeature }) {
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
