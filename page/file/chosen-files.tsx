import type { Contract } from '../../common/contract/contract.ts';
import type { Language } from '../language.ts';
import { missingGroups, type Selection } from './recognise-files.ts';
import { texts } from './texts.ts';

type Props = { selection: Selection<File>; isRead: boolean; contract: Contract; language: Language };

/** The kind of each chosen file, and the extracts that are missing. A file has all columns only once it `isRead`. */
export function ChosenFiles({ selection, isRead, contract, language }: Props) {
  if (selection.kind === 'none') return null;
  if (selection.kind === 'whole') {
    return (
      <ul class="chosen" aria-label={texts.chosen[language]}>
        <li>
          <strong>{selection.file.name}</strong> {isRead && <span class="badge">{texts.whole[language]}</span>}
        </li>
      </ul>
    );
  }
  const missing = missingGroups(contract, selection);
  const groups = contract.groups.filter((group) => selection.files.has(group.id) || missing.includes(group));
  return (
    <>
      <ul class="chosen" aria-label={texts.chosen[language]}>
        {groups.map(({ id, label }) => {
          const file = selection.files.get(id);
          return (
            <li key={id}>
              {file ? <strong>{file.name}</strong> : <em class="quiet">{texts.missing[language]}</em>}{' '}
              <span class="badge">{label[language]}</span>
            </li>
          );
        })}
      </ul>
      {missing.length > 0 && <p class="caution">{texts.missingHelp[language]}</p>}
    </>
  );
}
