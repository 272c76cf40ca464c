import { useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { ColumnMapping } from '../../common/tables/match-columns.ts';
import type { Language } from '../language.ts';
import { labelOf } from './notes.ts';
import type { FileFault } from './read-file-rows.ts';
import { mapTexts } from './texts.ts';

/** The fields that have no column, and the columns that have no field. */
function openColumnsOf(faults: readonly FileFault[]): { missing: string[]; unknown: string[] } {
  const fieldsOf = (rule: string) => [
    ...new Set(faults.flatMap(({ violations }) => violations.flatMap((it) => (it.rule === rule ? it.fields : [])))),
  ];
  return { missing: fieldsOf('required'), unknown: fieldsOf('unknown-field') };
}

type Props = {
  faults: readonly FileFault[];
  contract: Contract;
  language: Language;
  /** Reads the files again, with these columns as these fields. */
  map(chosen: ColumnMapping): void;
};

/** Asks which of the unknown columns are the missing ones. */
export function MapColumns({ faults, contract, language, map }: Props) {
  const { missing, unknown } = openColumnsOf(faults);
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  if (missing.length === 0 || unknown.length === 0) return null;
  const taken = new Set(chosen.values());
  return (
    <form
      class="map-columns"
      onSubmit={(event) => {
        event.preventDefault();
        map(new Map([...chosen].map(([field, column]) => [column, field])));
      }}
    >
      <fieldset>
        <legend>{mapTexts.title[language]}</legend>
        <p class="small quiet">{mapTexts.help[language]}</p>
        {missing.map((field) => (
          <p key={field} class="row">
            <label for={`column-of-${field}`}>{labelOf(field, contract, language)}</label>
            <select
              id={`column-of-${field}`}
              value={chosen.get(field) ?? ''}
              onChange={({ currentTarget }) => {
                const others = [...chosen].filter(([other]) => other !== field);
                setChosen(new Map(currentTarget.value === '' ? others : [...others, [field, currentTarget.value]]));
              }}
            >
              <option value="">{mapTexts.none[language]}</option>
              {unknown
                .filter((column) => !taken.has(column) || chosen.get(field) === column)
                .map((column) => (
                  <option key={column} value={column}>
                    {column}
                  </option>
                ))}
            </select>
          </p>
        ))}
        <button type="submit" class="primary" disabled={chosen.size === 0}>
          {mapTexts.submit[language]}
        </button>
      </fieldset>
    </form>
  );
}
