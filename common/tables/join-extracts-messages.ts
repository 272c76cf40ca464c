import { showReceived } from '../contract/features/received.ts';
import type { Text } from '../contract/text.ts';
import type { Violation } from '../record/violation.ts';

/** The messages about extracts that do not fit together. */

export const noIdentifier: Violation = {
  fields: [],
  rule: 'extract',
  message: {
    fr: 'Ce modèle ne nomme pas d’identifiant : ses extraits ne peuvent pas être réunis.',
    en: 'This model names no identifier: its extracts cannot be joined.',
  },
};

export function missingExtract({ fr, en }: Text): Violation {
  return {
    fields: [],
    rule: 'extract',
    message: { fr: `Il manque l'extrait « ${fr} ».`, en: `The extract "${en}" is missing.` },
  };
}

export function unknownExtract(id: string): Violation {
  return {
    fields: [],
    rule: 'extract',
    message: { fr: `« ${id} » n'est pas un extrait de ce modèle.`, en: `"${id}" is not an extract of this model.` },
  };
}

export function identifierColumnMissing(identifier: string): Violation {
  return {
    fields: [identifier],
    rule: 'required',
    message: { fr: 'Aucune colonne ne donne l’identifiant.', en: 'No column gives the identifier.' },
  };
}

export function givenInTwoFiles(field: string, first: string, second: string): Violation {
  return {
    fields: [field],
    rule: 'given-once',
    message: {
      fr: `Le champ est dans « ${first} » et dans « ${second} » : n'en garder qu'un.`,
      en: `The field is in "${first}" and in "${second}": keep only one.`,
    },
  };
}

export function identifierMissing(identifier: string): Violation {
  return {
    fields: [identifier],
    rule: 'required',
    message: { fr: 'L’identifiant n’est pas donné.', en: 'The identifier is not given.' },
  };
}

export function identifierMalformed(identifier: string, cell: string): Violation {
  const received = showReceived(cell);
  return {
    fields: [identifier],
    rule: 'type',
    message: {
      fr: `L’identifiant doit être un entier positif. Reçu : ${received}.`,
      en: `The identifier must be a positive integer. Received: ${received}.`,
    },
  };
}

export function unmatched(identifier: string, value: number, file: string): Violation {
  return {
    fields: [identifier],
    rule: 'unmatched',
    message: {
      fr: `L'identifiant ${value} n'est pas dans « ${file} ».`,
      en: `The identifier ${value} is not in "${file}".`,
    },
  };
}

/** Names ten lines at most: a column filled with one value repeats it in every line. */
export function repeated(
  identifier: string,
  value: number,
  file: string,
  rows: readonly { line: number }[],
): Violation {
  const list = rows.slice(0, 10).map(({ line }) => line);
  const lines = `${list.join(', ')}${rows.length > list.length ? ', …' : ''}`;
  return {
    fields: [identifier],
    rule: 'given-once',
    message: {
      fr: `L'identifiant ${value} est répété dans « ${file} » (lignes ${lines}).`,
      en: `The identifier ${value} is repeated in "${file}" (lines ${lines}).`,
    },
  };
}
