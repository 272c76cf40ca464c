/**
 * The one reading of numbers that are written as text: JSON texts with a suffix, cells of CSV files, identifiers, and what people
 * type. A text with one meaning is that number. "9.200" and "15,125" have two meanings, unless the notation says which.
 */

type DecimalSign = '.' | ',';

/** What a sign means after one to three digits and before exactly three, as in "9.200". */
type Meaning = 'decimal' | 'thousands' | 'unknown';

/** How the numbers of a source are written, as far as it is known. */
type Notation = Readonly<Record<DecimalSign, Meaning>>;

/** Nothing tells how numbers are written: in JSON texts, in tab-separated files, in what people type. */
const UNKNOWN_NOTATION: Notation = { '.': 'unknown', ',': 'unknown' };

/** Both numbers that a text may be. */
type AmbiguousNumber = { readonly whole: number; readonly decimal: number };

/** The number that a text is; both numbers that it may be; or null for a text that is no number. */
export type NumberReading = number | AmbiguousNumber | null;

export function readNumber(text: string, notation: Notation = UNKNOWN_NOTATION): NumberReading {
  const digits = digitsOf(text);
  if (digits !== null) return digits;
  const parts = partsOf(text);
  return parts && numberOf(parts, notation);
}

/**
 * What somebody typed, as a record holds it: the number that the text is, or the text itself, for the contract to refuse in words.
 * `spellNumber` writes a number so that it is read as itself again.
 */
export function readTyped(text: string): number | string {
  const reading = readNumber(text);
  return typeof reading === 'number' ? reading : text;
}

/** A number as text with one meaning everywhere: 5.993 is "5.9930", as "5.993" may be 5993. */
export function spellNumber(value: number, decimalSign: DecimalSign = '.'): string {
  const text = String(value);
  const isOpen = partsOf(text)?.isOpen ?? false;
  return `${text}${isOpen ? '0' : ''}`.replace('.', decimalSign);
}

/** Reads the numbers of one column of a file, from its first row to its last. */
export type NumberColumn = {
  /** What the rows read so far say of those to come. */
  readonly notation: Notation;
  read(text: string): NumberReading;
  /** Takes note of a number that was read elsewhere, and whose point certainly begins its decimals. */
  seePoint(): void;
};

/**
 * What the delimiter says. A comma that is also the delimiter is hardly ever written in a number, and programs write decimal points
 * there. Spreadsheets delimit by semicolons where the comma begins the decimals. A tab says nothing: an English Excel writes
 * "9,200" for 9200 in tab-separated text, and a French one for 9.2.
 */
const PRIORS: ReadonlyMap<string, Notation> = new Map([
  [',', { '.': 'decimal', ',': 'unknown' }],
  [';', { '.': 'unknown', ',': 'decimal' }],
]);

/**
 * Compiles the reader of a column. Where a text has two meanings, the rows above it decide, in this column: other columns may come
 * from other tools. A number such as "11,5" or "9.200,50" tells which sign begins the decimals, so that the other one is between
 * thousands. Where the rows contradict each other, or the delimiter, such a text stays ambiguous.
 */
export function createNumberColumn(delimiter: string): NumberColumn {
  const prior = PRIORS.get(delimiter) ?? UNKNOWN_NOTATION;
  const seen = { '.': false, ',': false };
  let notation = prior;

  function see(sign: DecimalSign): void {
    if (seen[sign]) return;
    seen[sign] = true;
    const other = sign === '.' ? ',' : '.';
    // In a comma-separated file, other commas are too odd to say anything but that points are not to be trusted.
    if (seen[other] || (delimiter === ',' && sign === ',')) notation = UNKNOWN_NOTATION;
    else if (delimiter !== ',') notation = settle(sign, prior[other] === 'decimal' ? 'unknown' : 'thousands');
  }

  return {
    get notation() {
      return notation;
    },
    read(text) {
      const digits = digitsOf(text);
      if (digits !== null) return digits;
      const parts = partsOf(text);
      if (!parts) return null;
      const sign = parts.isOpen ? null : parts.decimalSign;
      if (sign) see(sign);
      return numberOf(parts, notation);
    },
    seePoint: () => see('.'),
  };
}

function settle(decimalSign: DecimalSign, other: Meaning): Notation {
  return decimalSign === '.' ? { '.': 'decimal', ',': other } : { '.': other, ',': 'decimal' };
}

/** The number that one to nine digits are: most texts are such, and this is much faster than the rules for all of them. */
export function digitsOf(text: string): number | null {
  if (text.length === 0 || text.length > 9) return null;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return null;
    number = number * 10 + digit;
  }
  return number;
}

type Parts = {
  /** The digits before the decimals, with a sign in front and none between groups. */
  whole: string;
  decimals: string;
  /** As "e-05", or "". */
  exponent: string;
  /** The sign that begins the decimals, or would begin them; null where the text does not tell. */
  decimalSign: DecimalSign | null;
  /** Whether that sign may stand between thousands instead. */
  isOpen: boolean;
};

/** Digits with at most one sign among them. The exponent is that of Python, R and JavaScript: Excel's "4,5E+01" was rounded. */
const PLAIN = /^([+-]?\d+)(?:([.,])(\d+))?(e[+-]\d+)?$/;

/**
 * Groups of three digits between equal signs, then perhaps decimals after another sign: "9.200,50", "1,234,567", "9 200", "9'200".
 * The spaces are those of ISO 80000-1 and of French typography: U+0020, U+00A0, U+202F, U+2009. U+2019 is the Swiss apostrophe.
 */
const GROUPED = /^([+-]?[1-9]\d{0,2}(?:([ \u00a0\u202f\u2009'\u2019.,])\d{3})(?:\2\d{3})*)(?:(?!\2)([.,])(\d+))?$/;

/** Characters that nobody sees, as copies from web pages have them. */
const ZERO_WIDTH = /[\u200b-\u200d\u2060\ufeff]/g;

/** A text without the characters that nobody sees, and without blanks at its ends. */
export function withoutUnseen(text: string): string {
  return text.replace(ZERO_WIDTH, '').trim();
}

function partsOf(text: string): Parts | null {
  const trimmed = withoutUnseen(text);
  const plain = PLAIN.exec(trimmed);
  if (plain) {
    const [, whole = '', sign, decimals = '', exponent = ''] = plain;
    const isOpen = decimals.length === 3 && exponent === '' && /^[+-]?[1-9]\d{0,2}$/.test(whole);
    return { whole, decimals, exponent, decimalSign: toSign(sign), isOpen };
  }
  const grouped = GROUPED.exec(trimmed);
  if (!grouped) return null;
  const [, groups = '', between, sign, decimals = ''] = grouped;
  const whole = groups.replaceAll(/[^\d+-]/g, '');
  // Without decimals, points between groups leave the comma for them.
  const implied = between === '.' ? ',' : between === ',' ? '.' : null;
  return { whole, decimals, exponent: '', decimalSign: toSign(sign) ?? implied, isOpen: false };
}

function toSign(text: string | undefined): DecimalSign | null {
  return text === '.' || text === ',' ? text : null;
}

/** Null for a number beyond those that there are. */
function numberOf({ whole, decimals, exponent, decimalSign, isOpen }: Parts, notation: Notation): NumberReading {
  const decimal = Number(`${whole}${decimals && '.'}${decimals}${exponent}`);
  if (!Number.isFinite(decimal)) return null;
  const meaning = isOpen && decimalSign ? notation[decimalSign] : 'decimal';
  if (meaning === 'decimal') return decimal;
  const thousands = Number(whole + decimals);
  return meaning === 'thousands' ? thousands : { whole: thousands, decimal };
}
