import { useEffect, useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { Violation } from '../../common/record/violation.ts';
import type { Language } from '../language.ts';
import type { OutcomeFilter } from '../outputs/view.ts';
import { outputView } from '../outputs/views.ts';
import { type FilterTexts, NO_FILTER, readFilter } from './filter.ts';
import { ownDays, texts } from './texts.ts';

type Choice = Pick<OutcomeFilter, 'label' | 'options'> & { name: keyof FilterTexts };

const WHETHER_KNOWN: Choice = {
  name: 'outcome',
  label: texts.outcome,
  options: [
    { value: 'known', label: texts.known },
    { value: 'unknown', label: texts.noOutcome },
  ],
};

type Props = {
  contract: Contract;
  language: Language;
  /** The filter that holds. It may come from the address, and be wrong. */
  filter: FilterTexts;
  apply(filter: FilterTexts): void;
};

/** Which predictions to show. */
export function FilterForm({ contract, language, filter, apply }: Props) {
  const [held, setHeld] = useState(filter);
  const [violations, setViolations] = useState<Violation[]>([]);
  useEffect(() => void check(filter), [filter]);

  /** Shows a filter, and what is wrong with it. */
  function check(chosen: FilterTexts): boolean {
    setHeld(chosen);
    const reading = readFilter(chosen, contract.identifier?.prefixes);
    setViolations(reading.ok ? [] : reading.violations);
    return reading.ok;
  }

  function submit(chosen: FilterTexts): void {
    if (check(chosen)) apply(chosen);
  }

  const field = (name: keyof FilterTexts) => ({
    id: `filter-${name}`,
    value: held[name],
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) =>
      setHeld({ ...held, [name]: currentTarget.value }),
    'aria-invalid': violations.some(({ fields }) => fields.includes(name)),
    'aria-describedby': 'filter-errors',
  });
  const days = (name: 'from' | 'to') => (
    <p>
      <label for={`filter-${name}`}>{texts[name][language]}</label>
      <input type="date" {...field(name)} />
    </p>
  );
  const choice = ({ name, label, options }: Choice) => (
    <p key={name}>
      <label for={`filter-${name}`}>{label[language]}</label>
      <select {...field(name)}>
        <option value="">{texts.any[language]}</option>
        {options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label[language]}
          </option>
        ))}
      </select>
    </p>
  );

  return (
    <form
      class="filters"
      aria-label={texts.filters[language]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit(held);
      }}
    >
      {days('from')}
      {days('to')}
      {[...outputView(contract.output).filters, WHETHER_KNOWN].map(choice)}
      <p>
        <label for="filter-sort">{texts.sort[language]}</label>
        <select {...field('sort')}>
          <option value="">{texts.newestFirst[language]}</option>
          {outputView(contract.output).sorts.map(({ value, label }) => (
            <option key={value} value={value}>
              {label[language]}
            </option>
          ))}
        </select>
      </p>
      <p>
        <label for="filter-version">{texts.version[language]}</label>
        <input type="text" placeholder={contract.version} autocomplete="off" {...field('version')} />
      </p>
      {contract.identifier && (
        <p>
          <label for="filter-identifier">{contract.identifier.label[language]}</label>
          <input type="text" autocomplete="off" {...field('identifier')} />
        </p>
      )}
      <div class="row filter-actions">
        <button type="submit" class="primary">
          {texts.apply[language]}
        </button>
        <button type="button" onClick={() => submit(NO_FILTER)}>
          {texts.reset[language]}
        </button>
        <span class="small quiet">{ownDays(Intl.DateTimeFormat().resolvedOptions().timeZone)[language]}</span>
      </div>
      <div id="filter-errors" class="error" role="alert">
        {violations.map(({ fields, message }) => (
          <p key={fields.join()}>{message[language]}</p>
        ))}
      </div>
    </form>
  );
}
