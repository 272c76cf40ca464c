const label = { fr: 'Indicateur', en: 'Flag' };
const words = { fr: 'Oui', en: 'Yes' };

/** Describes a feature of the kind `boolean`, with spellings of its own where `more` has some. */
const flag = (name: string, more: { true?: object; false?: object } = {}) => ({
  name,
  label,
  group: 'machine',
  type: 'boolean',
  values: {
    true: { label: words, ...more.true },
    false: { label: { fr: 'Non', en: 'No' }, ...more.false },
  },
});

/** A made-up contract of four flags, each of which enters the graph as another type, in the words of the tiny model's. */
export function flagsJsonOf(tinyJson: string, graph: { sha256: string; bytes: number }): string {
  return JSON.stringify({
    ...JSON.parse(tinyJson),
    name: 'flags',
    graph: {
      file: 'model.onnx',
      ...graph,
      opsets: { 'ai.onnx': 20, 'ai.onnx.ml': 3 },
      inputs: [
        { name: 'bool', type: 'bool', features: ['running'] },
        { name: 'int64', type: 'int64', features: ['checked'] },
        { name: 'float32', type: 'float32', features: ['rented'] },
        { name: 'string', type: 'string', features: ['insured'] },
      ],
      output: 'p',
    },
    features: [
      flag('running'),
      flag('checked', { true: { aliases: ['ok', 9] }, false: { aliases: ['ko'] } }),
      flag('rented'),
      flag('insured', { true: { text: 'Oui' }, false: { text: 'Non' } }),
    ],
    baseline: undefined,
    examples: [
      {
        label,
        input: { running: true, checked: false, rented: true, insured: false },
        probability: 0.625,
      },
    ],
    golden: [{ values: [true, true, true, true], probability: 0.9375 }],
  });
}
