import { describe, expect, it } from 'vitest';
import { MulticlassOutput, multiclassKind } from './multiclass.ts';

const output = MulticlassOutput.parse({
  kind: 'multiclass',
  target: { name: 'species', labels: ['setosa', 'versicolor', 'virginica'] },
  labels: ['setosa', 'versicolor', 'virginica'].map((value) => ({ value, label: { fr: value, en: value } })),
});
const kind = multiclassKind(output);
const tensor = (data: Float32Array | Float64Array, dims: number[]) => ({ name: 'probabilities', data, dims });

describe('the graph’s answer', () => {
  it('is a row of probabilities, of either float', () => {
    for (const data of [new Float32Array([0.25, 0.5, 0.25, 1, 0, 0]), new Float64Array([0.25, 0.5, 0.25, 1, 0, 0])])
      expect(kind.readRaw(tensor(data, [2, 3]), 2, null)).toEqual([
        [0.25, 0.5, 0.25],
        [1, 0, 0],
      ]);
  });

  it.each([
    [[3], 1, 'not [1] or [1, columns]'],
    [[1, 2], 1, 'not [1, 3]: one column a label'],
    [[1, 3, 1], 1, 'not [1] or [1, columns]'],
  ])('of shape %j is refused', (dims, rows, message) => {
    const data = new Float32Array(dims.reduce((a, b) => a * b));
    expect(() => kind.readRaw(tensor(data, dims), rows, null)).toThrow(message);
  });

  it('is refused where it is not a probability, or one column alone is to be read', () => {
    const data = new Float32Array([0.5, Number.NaN, 0.5]);
    expect(() => kind.readRaw(tensor(data, [1, 3]), 1, null)).toThrow('holds NaN, which is not a probability');
    expect(() => kind.readRaw(tensor(data, [1, 3]), 1, 0)).toThrow('reads all of them');
  });
});

describe('toOutcome', () => {
  it('gives the label with the highest probability, and the first of equal ones', () => {
    expect(kind.toOutcome([0.25, 0.5, 0.25])).toEqual({
      label: 'versicolor',
      probability: 0.5,
      probabilities: { setosa: 0.25, versicolor: 0.5, virginica: 0.25 },
    });
    expect(kind.toOutcome([0.2, 0.4, 0.4]).label).toBe('versicolor');
  });

  it('refuses what is no probability for each label', () => {
    expect(() => kind.toOutcome([])).toThrow(RangeError);
    expect(() => kind.toOutcome([Number.NaN, 0, 0])).toThrow(RangeError);
  });
});

describe('a golden case', () => {
  it('has a probability for each label', () => {
    expect(kind.expectationDefect({ probabilities: { setosa: 1, versicolor: 0, virginica: 0 } })).toBeNull();
    expect(kind.expectationDefect({ probabilities: { setosa: 1, versicolor: 0 } })).toContain('for each label');
    expect(kind.expectationDefect({ probability: 1 })).toContain('must have "probabilities"');
  });

  it('is as far away as its farthest probability, and NaN is near to nothing', () => {
    expect(kind.distance([0.25, 0.5, 0.25], [0.25, 0.375, 0.375])).toBe(0.125);
    expect(kind.distance([0.25, Number.NaN, 0.25], [0.25, 0.5, 0.25])).toBeNaN();
    expect(kind.distance([1, 0, 0], undefined)).toBeNaN();
    expect(kind.isSameLabel([0.4, 0.5, 0.1], [0.5, 0.4, 0.1])).toBe(false);
  });
});

it('names its defects', () => {
  const [first] = output.labels;
  const doubled = multiclassKind({ ...output, labels: [...output.labels, ...(first ? [first] : [])] });
  expect(doubled.defects()).toEqual([
    'a label of the output is named twice',
    'output.target has 3 labels, and the output 4',
  ]);
});

it('counts observed and predicted labels as scikit-learn does', () => {
  const pairs = [
    ['setosa', 'setosa'],
    ['setosa', 'setosa'],
    ['versicolor', 'setosa'],
    ['versicolor', 'versicolor'],
    ['versicolor', 'versicolor'],
  ] as const;
  const told = pairs.map(([observed, label]) => ({
    observed,
    predicted: { label, probability: 1, probabilities: {} },
  }));
  // accuracy_score and f1_score(average='macro') of scikit-learn give 0.8 and 0.8, and leave virginica out.
  expect(kind.compareWithOutcomes(told)).toEqual({
    labels: ['setosa', 'versicolor', 'virginica'],
    confusion: [
      [2, 0, 0],
      [1, 2, 0],
      [0, 0, 0],
    ],
    accuracy: 0.8,
    macroF1: 0.8,
  });
  expect(kind.compareWithOutcomes([])).toMatchObject({ accuracy: null, macroF1: null });
});
