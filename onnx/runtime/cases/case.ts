import type { Attributes, Domain, ElementType, Graph, TensorValue } from '../onnx-graph.ts';

/** An input that is drawn at random. */
export type Drawn = {
  type: ElementType;
  /** "rows" is the size of the batch. */
  dims: readonly (number | 'rows')[];
  /** Between which limits numbers are drawn, both inclusive. */
  range?: readonly [low: number, high: number];
};

/** A graph, and how it is run. */
export type Case = {
  name: string;
  /** What those cases share that differ in opset and attributes only. */
  kind: string;
  graph: Graph;
  inputs: Readonly<Record<string, Drawn>>;
  /** The outputs that are read: those that are tensors. */
  fetches: readonly string[];
  /** The sizes of the batches that it is run with. */
  rows: readonly number[];
};

/** One operator with one set of attributes and types. */
export type OperatorCase = {
  /** As in "Add" or "ai.onnx.ml.Scaler". */
  operator: string;
  /** Null is an optional input that is left out; what is given is a constant of the graph. */
  inputs: readonly (Drawn | TensorValue | null)[];
  attributes?: Attributes;
  /** How many outputs the operator has, by default one. */
  outputs?: number;
  /** The opsets of its domain that know the operator in this form: by default all that are profiled. */
  from?: number;
  to?: number;
  rows?: readonly number[];
};

/** The opsets that graphs may use, both inclusive: those that ONNX Runtime knows, less those from before 2020. */
export const OPSETS: Readonly<Record<Domain, readonly [oldest: number, newest: number]>> = {
  'ai.onnx': [13, 25],
  'ai.onnx.ml': [1, 5],
};

/** Where the runtime chooses its code by the size of a batch, one size of each kind. */
const ROWS = [1, 2, 7, 33, 1000];
/** One size of a batch is enough to see that an older form of an operator is known. */
const FEW_ROWS = [1, 5];
/** The sets of ai.onnx in which the operators of ai.onnx.ml stand; what they do does not depend on it. */
const ML_BESIDE = [17, 21];

const ML = 'ai.onnx.ml.';

/**
 * All graphs of these operators. The newest opset has all of them; in each older one, a graph for each operator, types and
 * names of attributes shows that this form of it is known.
 */
export function expand(operatorCases: readonly OperatorCase[]): Case[] {
  const known = new Set<string>();
  return operatorCases.flatMap((operatorCase) => {
    const { operator, inputs, attributes = {}, from, to, rows = ROWS } = operatorCase;
    const isMl = operator.startsWith(ML);
    const [oldest, newest] = OPSETS[isMl ? 'ai.onnx.ml' : 'ai.onnx'];
    const last = to ?? newest;
    return range(from ?? oldest, last).flatMap((version) => {
      const form = [version, operator, Object.keys(attributes), inputs.map((input) => input?.type)].join();
      if (version < last && known.has(form)) return [];
      known.add(form);
      const opsets = isMl
        ? { 'ai.onnx': ML_BESIDE[version % ML_BESIDE.length] ?? newest, 'ai.onnx.ml': version }
        : { 'ai.onnx': version, 'ai.onnx.ml': 3 };
      return [toCase(operatorCase, opsets, version === last ? rows : FEW_ROWS)];
    });
  });
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function toCase(operatorCase: OperatorCase, opsets: Graph['opsets'], rows: readonly number[]): Case {
  const { operator, inputs, attributes = {}, outputs = 1 } = operatorCase;
  const isMl = operator.startsWith(ML);
  const drawn = Object.fromEntries(
    inputs.flatMap((input, i) => (input && !('data' in input) ? [[`input${i}`, input]] : [])),
  );
  const outputNames = Array.from({ length: outputs }, (_, i) => `output${i}`);
  const types = inputs.map((input) => input?.type ?? 'none').join(', ');
  return {
    kind: `${operator}(${types})`,
    name: `${operator}(${types}) of opset ${opsets[isMl ? 'ai.onnx.ml' : 'ai.onnx']} ${JSON.stringify(attributes).slice(0, 200)}`,
    graph: {
      inputs: Object.entries(drawn).map(([name, { type, dims }]) => ({ name, type, dims: dims.map(orNull) })),
      outputs: outputNames,
      constants: Object.fromEntries(
        inputs.flatMap((input, i) => (input && 'data' in input ? [[`input${i}`, input]] : [])),
      ),
      nodes: [
        {
          domain: isMl ? 'ai.onnx.ml' : 'ai.onnx',
          type: isMl ? operator.slice(ML.length) : operator,
          inputs: inputs.map((input, i) => (input ? `input${i}` : '')),
          outputs: outputNames,
          attributes,
        },
      ],
      opsets,
      style: 'bare',
    },
    inputs: drawn,
    fetches: outputNames,
    rows,
  };
}

/** The size of a dimension in the graph; that of the batch is left open. */
export function orNull(size: number | 'rows'): number | null {
  return size === 'rows' ? null : size;
}

/** A matrix of a column a feature. */
export function matrix(type: ElementType, columns: number, range?: Drawn['range']): Drawn {
  return { type, dims: ['rows', columns], ...(range && { range }) };
}

export function constant(type: ElementType, dims: readonly number[], data: TensorValue['data']): TensorValue {
  return { type, dims, data };
}

/** A list of integers, as operators take their axes and shapes. */
export function integers(...data: number[]): TensorValue {
  return { type: 'int64', dims: [data.length], data };
}
