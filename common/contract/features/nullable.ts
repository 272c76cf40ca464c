import { type ColumnEncoders, type FeatureKind, type FeatureValue, isInt32, type Missing } from './kind.ts';

/** The spellings of a missing value in a file: those that pandas reads as one by default and that people's tools write. */
const MISSING_SPELLINGS = new Set(['NaN', 'nan', 'None', 'NA', 'N/A', 'n/a', '#N/A', '<NA>', 'null', 'NULL']);

/** A kind of feature whose value may be missing: null. All else is as the kind has it. */
export function nullableKind(name: string, kind: FeatureKind, { graph, absent }: Missing): FeatureKind {
  const token = graph === 'nan' ? null : graph.token;
  const { warnOfValue } = kind;
  const encoders = encodersOf(kind.encoders, token);
  return {
    ...kind,
    missing: absent,
    defects() {
      const isValue = token !== null && kind.createReader()(token) !== undefined;
      const isTaken = isValue
        ? [`feature "${name}" has its token for a missing value, "${token}", as a value, too`]
        : [];
      return [...kind.defects(), ...isTaken];
    },
    columnDefect: (column) =>
      kind.columnDefect(column) ??
      (column in encoders
        ? null
        : `feature "${name}" has ${token === null ? 'NaN' : JSON.stringify(token)} for a missing value, which ${column} cannot hold`),
    schema: () => kind.schema().nullable(),
    createReader() {
      const read = kind.createReader();
      return (value) => (value === null ? null : read(value));
    },
    createCellParser(delimiter) {
      const { parse, numbers, isParsedFirst } = kind.createCellParser(delimiter);
      const values: unknown[] = kind.samples();
      const isValue = (text: string) => values.includes(kind.canonicalise(text.normalize()));
      return {
        parse(text) {
          const bare = text.trim();
          return bare === '' || (MISSING_SPELLINGS.has(bare) && !isValue(bare)) ? null : parse(text);
        },
        numbers,
        isBlankMissing: true,
        isParsedFirst,
      };
    },
    warnOfValue: warnOfValue && ((value) => (value === null ? [] : warnOfValue(value))),
    encoders,
    texts() {
      const texts = kind.texts();
      return texts && typeof token === 'string' ? [...texts, token] : texts;
    },
    openApi() {
      const { schema, unit, notes } = kind.openApi();
      const { type, ...rest } = schema;
      const nullable = typeof type === 'string' && !('enum' in rest) ? { ...rest, type: [type, 'null'] } : null;
      return {
        schema: nullable ?? { anyOf: [schema, { type: 'null' }] },
        unit,
        notes: [...notes, `\`null\` where it is missing${absent === 'missing' ? '; it may be left out, too' : ''}.`],
      };
    },
    // The protocol has no null in a tensor: https://github.com/kserve/open-inference-protocol
    fromElement: (element) => (element === null || element === '' ? null : kind.fromElement(element)),
  };
}

/** Writes null as the token, or as NaN where there is none; without the columns whose type cannot hold that. */
function encodersOf(
  { string, float32, float64, int64, int32 }: Partial<ColumnEncoders>,
  token: string | number | null,
): Partial<ColumnEncoders> {
  if (typeof token === 'string') return string ? { string: orElse(string, token) } : {};
  const number = token ?? Number.NaN;
  return {
    ...(float32 && { float32: orElse(float32, number) }),
    ...(float64 && { float64: orElse(float64, number) }),
    ...(int64 && Number.isSafeInteger(number) && { int64: orElse(int64, BigInt(number)) }),
    ...(int32 && isInt32(number) && { int32: orElse(int32, number) }),
  };
}

function orElse<T>(encode: (value: FeatureValue) => T, missing: T): (value: FeatureValue) => T {
  return (value) => (value === null ? missing : encode(value));
}
