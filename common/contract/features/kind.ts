import * as z from 'zod';
import type { NumberColumn } from '../../record/read-number.ts';
import type { Warning } from '../../record/violation.ts';
import type { GraphType } from '../graph.ts';
import type { NumberRules } from '../interval.ts';
import { FieldName, Text } from '../text.ts';

/** A value that is there, in canonical form. */
export const GivenValue = z.union([z.string(), z.number(), z.boolean()]);
export type GivenValue = z.infer<typeof GivenValue>;

/**
 * The value of one feature in canonical form, as it is validated, recorded and answered. `null` is a missing value: no code
 * may turn it into 0 or ''.
 */
export const FeatureValue = z.union([...GivenValue.options, z.null()]);
export type FeatureValue = z.infer<typeof FeatureValue>;

/** How a value may be missing. */
const Missing = z.strictObject({
  /** What the graph is given for it: NaN, or a token that is no value of the feature. */
  graph: z.union([z.literal('nan'), z.strictObject({ token: z.union([z.string(), z.number()]) })]),
  /** Whether a field that a JSON record leaves out is missing, too, as null is. */
  absent: z.enum(['refused', 'missing']).default('refused'),
});
export type Missing = z.infer<typeof Missing>;

/** The fields that a contract has for a feature of any kind. */
export const FEATURE_FIELDS = {
  name: FieldName,
  label: Text,
  /** The meaning of the value, for the reader of the form. */
  help: Text.optional(),
  /** Id of the group (one of `groups`) under which a form shows the feature. */
  group: z.string(),
  /** Other spellings of the name that a request may use. */
  aliases: z.array(FieldName).default([]),
  /** Allows the value to be missing, and says how. Without it a missing value is refused. */
  missing: Missing.optional(),
  /** An attribute that the law protects from discrimination, such as age or gender. */
  protected: z.boolean().default(false),
  /** Whether somebody could change the value, so that it may be proposed to. */
  changeable: z.boolean().default(false),
};

/** How a value is written into a column of the graph, by the column's type. Throws a TypeError for a value of another kind. */
export type ColumnEncoders = {
  readonly string: (value: FeatureValue) => string;
  readonly float32: (value: FeatureValue) => number;
  readonly float64: (value: FeatureValue) => number;
  readonly int64: (value: FeatureValue) => bigint;
  readonly int32: (value: FeatureValue) => number;
  /** 0 or 1. */
  readonly bool: (value: FeatureValue) => number;
};

/** The value of one element of a tensor of the Open Inference Protocol. */
export type Element = string | number | boolean;
/** The same, or null for a missing value: NaN, say. */
export type ElementOrMissing = Element | null;
export type ElementKind = 'text' | 'number' | 'boolean';

/** The numbers that training has seen, and the warning of any other one. They are compared without a call, which takes longer. */
export type RangeWarner = { min: number; max: number; warn(value: number): Warning };

/** Reads the cells of one column of a file, from its first row to its last. */
export type CellParser = {
  /** The value that the text of a cell stands for, to be validated. */
  parse(text: string): unknown;
  /** Where numbers that are read elsewhere are noted; null for a kind that has no numbers. */
  numbers: NumberColumn | null;
  /** Whether a blank cell is a missing value. Else it is a field that is not given. */
  isBlankMissing: boolean;
  /** Whether each text must be parsed before it is a value: the feature would take any. */
  isParsedFirst: boolean;
};

/** Leaves the text of each cell as it is. */
export const AS_TEXT: CellParser = {
  parse: (text) => text,
  numbers: null,
  isBlankMissing: false,
  isParsedFirst: false,
};

/** Why a value is refused. */
export type Refused = { rule: string; message: Text };

/**
 * All that a kind of feature knows of one of its features. Code elsewhere asks here, and never for the feature's type: the
 * compiler names what a new kind lacks.
 */
export interface FeatureKind {
  /** The contradictions in the feature's description, one sentence each. */
  defects(): string[];
  /** Why the feature cannot be a column of this type; null if it can. */
  columnDefect(type: GraphType): string | null;
  /** Whether null is a value of it; and if so, whether a field that is left out is null. */
  readonly missing: Missing['absent'] | null;
  /** Which rules between features may name it. */
  readonly rules: { readonly 'at-most': boolean; readonly 'seen-combinations': boolean };

  /** Takes a value of a request, text in NFC, to the canonical spelling; undefined where the value stays as it came. */
  canonicalise(value: unknown): unknown;
  /** The schema of a value in canonical spelling. */
  schema(): z.ZodType<FeatureValue>;
  /** Puts an issue of that schema into words. `value` is the value in canonical spelling. */
  explain(issue: z.core.$ZodIssue, value: unknown): Refused;
  /**
   * Compiles `canonicalise` and `schema` into one function that is many times faster. It returns undefined where the value is
   * wrong or odd, which the schema is to judge.
   */
  createReader(): (value: unknown) => FeatureValue | undefined;
  /** Which numbers are right as they stand; null for a kind that has no numbers. */
  readonly numbers: NumberRules | null;
  /** Compiles the reader of a column of a file with this delimiter. */
  createCellParser(delimiter: string): CellParser;
  /** Compiles the warning of numbers that training has not seen; null where training has seen every value. */
  createRangeWarner(): RangeWarner | null;
  /** The warnings of any other value that training has not seen. Null where there is none such. */
  readonly warnOfValue: ((value: FeatureValue) => Warning[]) | null;

  /** Types that `columnDefect` objects to need not be here. */
  readonly encoders: Partial<ColumnEncoders>;
  /** The texts that a column of text may hold; null where it may hold any. */
  texts(): string[] | null;

  /** Where a value is counted in a histogram: at a number, or under a name. Null for a missing value. */
  binOf(value: FeatureValue): number | string | null;
  /** Values that show the feature's range, in order: all of them, or the ends of the range that training covers. */
  samples(): FeatureValue[];

  /** JSON Schema (2020-12) of a value in canonical spelling, and the rules that it cannot express, in English. */
  openApi(): { schema: Readonly<Record<string, unknown>>; unit: string | null; notes: string[] };
  /** The feature as a tensor of its own. */
  readonly openInference: {
    readonly datatype: string;
    /** The kinds of elements that are taken. */
    readonly elements: readonly ElementKind[];
  };
  /** The value that an element of a tensor stands for, to be validated. */
  fromElement(element: ElementOrMissing): FeatureValue;
}

/** A value reached the graph under a kind that it is not of: it was not validated. */
export function notOfKind(name: string, value: FeatureValue): never {
  throw new TypeError(`"${name}" cannot be ${JSON.stringify(value)}: the record was not validated.`);
}

/**
 * Whether a fast reader may take a spelling. Text in another Unicode form is odd enough to be looked at twice, and a blank
 * text may be a cell that is not given.
 */
export function isPlain(spelling: unknown): boolean {
  return typeof spelling !== 'string' || (spelling === spelling.normalize() && spelling.trim() !== '');
}

/** The words for a column type that a feature cannot have. */
export function cannotEnter({ name, type }: { name: string; type: string }, column: GraphType): string {
  return `feature "${name}" (${type}) cannot enter the graph as ${column}`;
}

export function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}

/** Values that occur more than once. */
export function duplicates<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}
