import { showReceived } from '../contract/features/received.ts';
import type { Text } from '../contract/text.ts';

/**
 * What was done with a file so that it could be read: nothing of it is left out in silence. `fields` are names as the file has
 * them, or none. `file` is left out where there is only one.
 */
export type TableNote = { rule: string; fields: string[]; message: Text; file?: string };

/** Collects the notes about one file while it is read. */
export type TableNotes = {
  add(rule: string, fields: string[], message: Text): void;
  /** A line that sums up the rows above it, and is no row. */
  addTotal(line: number): void;
  list(): TableNote[];
};

/** How many names or lines a note shows; the others are counted. */
const SHOWN = 10;

export function createTableNotes(file?: string): TableNotes {
  const notes: TableNote[] = [];
  const totals: number[] = [];
  const about = file === undefined ? {} : { file };
  return {
    add: (rule, fields, message) => notes.push({ rule, fields, message, ...about }),
    addTotal: (line) => totals.push(line),
    // Where the text was cut into chunks decides when its encoding is known, and not what is said first.
    list: () => [
      ...notes.filter(({ rule }) => rule === 'encoding'),
      ...notes.filter(({ rule }) => rule !== 'encoding'),
      ...(totals.length === 0 ? [] : [{ ...totalsNote(totals), ...about }]),
    ],
  };
}

/** A few of the texts, and how many others there are. */
export function listShown(texts: readonly string[]): Text {
  const shown = texts.slice(0, SHOWN).join(', ');
  const others = texts.length - SHOWN;
  return others > 0
    ? { fr: `${shown} et ${others} autres`, en: `${shown} and ${others} others` }
    : { fr: shown, en: shown };
}

/** Names of columns as a message shows them. */
export function quoted(names: readonly string[]): Text {
  return listShown(names.map(showReceived));
}

function totalsNote(lines: readonly number[]): TableNote {
  const { fr, en } = listShown(lines.map(String));
  const isOne = lines.length === 1;
  return {
    rule: 'total-line',
    fields: [],
    message: {
      fr: isOne
        ? `La ligne ${fr} est un total : elle n’est pas prédite.`
        : `Les lignes ${fr} sont des totaux : elles ne sont pas prédites.`,
      en: isOne ? `Line ${en} is a total, and is not predicted.` : `Lines ${en} are totals, and are not predicted.`,
    },
  };
}
