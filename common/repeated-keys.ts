import { isPlainObject } from './plain-object.ts';
import type { Violation } from './record/violation.ts';

/**
 * JSON.parse takes an object that has the same key twice, and keeps the last value. RFC 8259 (section 4) calls what a reader makes
 * of it unpredictable. Members are counted in the text and in its value: that takes far less time than comparing the keys.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [ARRAY, ARRAY_END] = [0x5b, 0x5d];
const [OBJECT, OBJECT_END] = [0x7b, 0x7d];

/** Where a key stands in JSON: keys, and positions from 0, from the outside in. Of a long path, only the first steps. */
export type KeyPath = readonly (string | number)[];

const MAX_STEPS = 8;
/** How much of a key a message repeats. */
const SHOWN_CHARACTERS = 100;
/** So many keys are compared at a time, which bounds the memory. Beyond, a repeated key may be found without its name. */
const MAX_KEYS = 20_000;

/** The path of the first key that a valid JSON text repeats; null where there is none. `value` is what the text was parsed to. */
export function findRepeatedKey(text: string, value: unknown): KeyPath | null {
  // No text has fewer colons than members. Where it has no more, none of them is within a string.
  if (!lacksMembers(value, countColons(text)) || !lacksMembers(value, countMembers(text))) return null;
  for (const { path } of repeatedKeys(text)) return path;
  return [];
}

/** Whether a parsed value has fewer members than its text has. */
export function lacksMembers(value: unknown, members: number): boolean {
  let missing = members;
  // Level by level: the records of a list are counted before any of their values is looked at.
  for (let level: readonly unknown[] = [value]; level.length > 0; level = childrenOf(level)) {
    for (const it of level) if (isPlainObject(it)) missing -= Object.keys(it).length;
    if (missing === 0) return false;
  }
  return missing > 0;
}

/** What the objects and arrays of one level hold: of many, only objects and arrays. */
function childrenOf(level: readonly unknown[]): readonly unknown[] {
  const [only] = level;
  if (level.length === 1 && Array.isArray(only)) return only;
  const children: object[] = [];
  for (const it of level) {
    if (typeof it !== 'object' || it === null) continue;
    for (const child of Array.isArray(it) ? it : Object.values(it))
      if (typeof child === 'object' && child !== null) children.push(child);
  }
  return children;
}

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) count++;
  return count;
}

/** How many members the objects of a valid JSON text have. */
function countMembers(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) count++;
  }
  return count;
}

/** The place of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

/** The first repeated key of an element, by the element's position. Where the text is no array, all of it is element 0. */
export type RepeatedKey = { element: number; path: KeyPath };

/** The first repeated key of each element of a valid JSON text. Keys are compared as they are read: "\u0061ge" is "age". */
export function* repeatedKeys(text: string): Generator<RepeatedKey, void> {
  const scan = createKeyScan();
  let found = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== QUOTE) {
      scan.takeSign(code);
      continue;
    }
    const end = endOfString(text, at);
    const repeated = scan.takeString(text, at, end);
    if (repeated && repeated.element !== found) {
      found = repeated.element;
      yield repeated;
    }
    at = end;
  }
}

/** An object or array that is open: its keys so far, or null for an array; and the key or position of the member being read. */
type Open = { keys: Set<string> | null; step: string | number };

function createKeyScan() {
  const open: Open[] = [];
  let held = 0;
  let isKey = false;

  function takeKey(key: string, inner: Open, keys: Set<string>): RepeatedKey | null {
    inner.step = key;
    if (keys.has(key)) {
      const [outermost] = open;
      const element = typeof outermost?.step === 'number' ? outermost.step : 0;
      return { element, path: open.slice(0, MAX_STEPS).map(({ step }) => step) };
    }
    if (held >= MAX_KEYS) return null;
    keys.add(key);
    held++;
    return null;
  }

  function nextMember(inner: Open | undefined): void {
    isKey = inner?.keys instanceof Set;
    if (typeof inner?.step === 'number') inner.step++;
  }

  return {
    /** Takes a string, from its first quote to its last. */
    takeString(text: string, start: number, end: number): RepeatedKey | null {
      const inner = open.at(-1);
      if (!isKey || !inner?.keys) return null;
      isKey = false;
      const bare = text.slice(start + 1, end);
      return takeKey(bare.includes('\\') ? String(JSON.parse(`"${bare}"`)) : bare, inner, inner.keys);
    },
    /** Takes a character outside strings. */
    takeSign(code: number): void {
      switch (code) {
        case OBJECT:
          open.push({ keys: new Set(), step: '' });
          isKey = true;
          return;
        case ARRAY:
          open.push({ keys: null, step: 0 });
          isKey = false;
          return;
        case OBJECT_END:
        case ARRAY_END:
          held -= open.pop()?.keys?.size ?? 0;
          isKey = false;
          return;
        case COMMA:
          nextMember(open.at(-1));
      }
    },
  };
}

/** Refuses a key that an object has twice. */
export function givenTwice(path: KeyPath): Violation {
  const where = describePath(path);
  return {
    fields: where === '' ? [] : [where],
    rule: 'given-once',
    message: {
      fr:
        where === ''
          ? 'Un objet donne deux fois la même clé.'
          : `La clé « ${where} » est donnée deux fois : n’en garder qu’une.`,
      en: where === '' ? 'An object gives the same key twice.' : `The key "${where}" is given twice: keep only one.`,
    },
  };
}

/** A path in words, as `[3].age`. */
function describePath(path: KeyPath): string {
  const steps = path.map((step, i) => {
    if (typeof step === 'number') return `[${step}]`;
    return `${i > 0 ? '.' : ''}${step.slice(0, SHOWN_CHARACTERS)}`;
  });
  return steps.join('');
}
