import type { GraphInput } from '../common/contract/graph.ts';
import type { Matrix } from '../common/record/tensors.ts';
import { splitGraph } from './split-graph.ts';

type TextMatrix = Extract<Matrix, { type: 'string' }>;
/** Runs a model once; resolves to its only output. */
type RunOnce = (
  model: Uint8Array,
  output: string,
  input: Matrix,
) => Promise<{ data: unknown; dims: readonly number[] }>;

export type EncodedText = {
  /** The model that takes codes in place of text. */
  model: Uint8Array;
  /** The input that it takes in place of another one. */
  inputs: { text: string; codes: string };
  /** The codes of text. */
  encode(text: TextMatrix): Matrix;
};

/**
 * Takes the text out of a model that encodes categories first: what it makes of each is computed once, by the model itself, and
 * then looked up. ONNX Runtime copies every text that it is given into WebAssembly, and anew in every step. Null where the model
 * is not of that kind.
 */
export async function encodeText(
  model: Uint8Array,
  { inputs, textsOf }: { inputs: readonly GraphInput[]; textsOf: (feature: string) => readonly string[] | null },
  runOnce: RunOnce,
): Promise<EncodedText | null> {
  const [input, ...others] = inputs.filter(({ type }) => type === 'string');
  const split = input && others.length === 0 ? splitGraph(model, input.name) : null;
  if (!input || !split) return null;
  const categories = input.features.flatMap((feature) => {
    const texts = textsOf(feature);
    return texts ? [texts] : [];
  });
  // A text that nobody knows beforehand must reach the graph.
  if (categories.length < input.features.length) return null;
  const codesOf = async (rows: readonly string[][]) => {
    const dims: [number, number] = [rows.length, categories.length];
    const { data, dims: found } = await runOnce(split.head, split.cut, {
      name: input.name,
      type: 'string',
      dims,
      data: rows.flat(),
    });
    const isMatrix = data instanceof Float32Array && found.length === 2 && found.every((size, i) => size === dims[i]);
    return isMatrix ? data : null;
  };
  const tables = await readTables(categories, codesOf);
  return (
    tables && {
      model: split.tail,
      inputs: { text: input.name, codes: split.cut },
      encode: (text) => lookUp(text, tables, split.cut),
    }
  );
}

/** The code of each category, by column. Null where a code does not depend on its own cell alone. */
async function readTables(
  categories: readonly (readonly string[])[],
  codesOf: (rows: readonly string[][]) => Promise<Float32Array | null>,
): Promise<Map<string, number>[] | null> {
  const count = Math.max(...categories.map(({ length }) => length));
  // Each column goes through its categories, in the second run beside others and in other rows.
  const arrange = (shift: number) =>
    Array.from({ length: count }, (_, row) =>
      categories.map((values, column) => values[(row + shift * (column + 1)) % values.length] ?? ''),
    );
  const tables = categories.map(() => new Map<string, number>());
  for (const rows of [arrange(0), arrange(1)]) {
    const codes = await codesOf(rows);
    if (!codes) return null;
    for (const [i, text] of rows.flat().entries()) {
      const [table, code] = [tables[i % tables.length], codes[i] ?? Number.NaN];
      if (!Object.is(table?.get(text) ?? code, code)) return null;
      table?.set(text, code);
    }
  }
  return tables;
}

function lookUp({ dims, data }: TextMatrix, tables: readonly Map<string, number>[], name: string): Matrix {
  const codes = new Float32Array(data.length);
  for (let at = 0; at < data.length; ) {
    for (const table of tables) {
      const code = table.get(data[at] ?? '');
      if (code === undefined) throw new TypeError(`"${data[at]}" is not a category: the record was not validated.`);
      codes[at++] = code;
    }
  }
  return { name, type: 'float32', dims, data: codes };
}
