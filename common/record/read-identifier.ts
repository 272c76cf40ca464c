import { digitsOf, readNumber, withoutUnseen } from './read-number.ts';

/** Whole numbers as tables write them: pandas writes 1.0 in a column in which one is missing, and R writes 1e+05. */
const WHOLE = /^\d+(?:[.,]0+|e\+\d+)?$/;

/**
 * The one reading of identifiers, in records, in forms and in queries: "E_12", "000012", "12.0" and "12,0" are 12, and so is 12 itself.
 * It returns undefined for any other value, and for "1.000", which may be 1 or 1000.
 */
export function createIdentifierReader(prefixes: readonly string[]): (value: unknown) => number | undefined {
  return (value) => {
    if (typeof value !== 'string') return undefined;
    const plain = digitsOf(value);
    if (plain !== null) return plain > 0 ? plain : undefined;
    const text = withoutUnseen(value);
    const prefix = prefixes.find((start) => text.startsWith(start)) ?? '';
    const digits = text.slice(prefix.length);
    const reading = WHOLE.test(digits) ? readNumber(digits) : null;
    return isIdentifier(reading) ? reading : undefined;
  };
}

/** Whether a number identifies anything: a positive integer that every program holds exactly. */
export function isIdentifier(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
