const text = (en: string) => ({ fr: en, en });

/** A made-up contract of two numbers, in the words of the tiny model's, with an output of another kind. */
function jsonOf(tinyJson: string, changes: object): string {
  const number = (name: string) => ({
    name,
    label: text(name),
    group: 'machine',
    type: 'number',
    seen: { min: -10, max: 10 },
    accepted: { min: -1000, max: 1000 },
  });
  const { baseline: _, metrics: __, rules: ___, ...tiny } = JSON.parse(tinyJson);
  return JSON.stringify({ ...tiny, contractVersion: 2, features: [number('length'), number('width')], ...changes });
}

const graphOf = (graph: { sha256: string; bytes: number }, output: string) => ({
  file: 'model.onnx',
  ...graph,
  opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
  inputs: [{ name: 'x', type: 'float32', features: ['length', 'width'] }],
  output,
});

/** Three classes. The probabilities are the softmax of 2, -1 and 0.5. */
export function multiclassJsonOf(tinyJson: string, graph: { sha256: string; bytes: number }): string {
  const powers = [2, -1, 0.5].map((score) => Math.exp(score));
  const sum = powers.reduce((a, b) => a + b);
  const [setosa, versicolor, virginica] = powers.map((power) => power / sum);
  const probabilities = { setosa, versicolor, virginica };
  return jsonOf(tinyJson, {
    name: 'species',
    graph: graphOf(graph, 'probabilities'),
    output: {
      kind: 'multiclass',
      target: { name: 'species', labels: [0, 1, 2] },
      labels: Object.keys(probabilities).map((value) => ({ value, label: text(value) })),
    },
    examples: [{ label: text('long'), input: { length: 2, width: 0 }, probabilities }],
    golden: [{ values: [2, 0], probabilities }],
  });
}

/** A price with bands and an interval. */
export function regressionJsonOf(tinyJson: string, graph: { sha256: string; bytes: number }): string {
  return jsonOf(tinyJson, {
    name: 'price',
    graph: graphOf(graph, 'value'),
    output: {
      kind: 'regression',
      target: { name: 'price' },
      unit: text('EUR'),
      decimals: 2,
      seen: { min: 0, max: 10_000 },
      bands: [
        { id: 'low', label: text('low'), from: null },
        { id: 'high', label: text('high'), from: 1500 },
      ],
      interval: { level: 0.8, lower: -100, upper: 150 },
    },
    examples: [{ label: text('long'), input: { length: 2, width: 0 }, value: 2000 }],
    golden: [{ values: [2, 0], value: 2000 }],
  });
}
