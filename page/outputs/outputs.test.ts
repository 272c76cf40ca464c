import { describe, expect, it } from 'vitest';
import type { ExploreAnswer } from '../../common/api/answers.ts';
import { binaryKind } from '../../common/contract/outputs/binary.ts';
import { outputKind } from '../../common/contract/outputs/outputs.ts';
import { attrition } from '../../common/test/contracts.ts';
import { outputCharts } from './charts.ts';
import { outputView } from './views.ts';

const { output } = attrition;
const { toOutcome } = binaryKind(output);
const view = outputView(output);
const [low, high] = [toOutcome(0.1), toOutcome(0.9)];

it('keeps its components from one rendering to the next, and has others for another output', () => {
  const again = outputView(output);
  expect([again.Answer, again.Curve, again.Brief]).toEqual([view.Answer, view.Curve, view.Brief]);
  expect(again).toBe(view);
  expect(outputCharts(output)).toBe(outputCharts(output));
  expect(outputView({ ...output })).not.toBe(view);
});

describe('the words of an outcome', () => {
  it('say its probability, its label and its risk in both languages', () => {
    expect(view.describe(high, 'fr')).toBe(
      `Probabilité 90\u00a0%\u00a0: ${output.positive.label.fr}, risque ${output.bands.at(-1)?.label.fr.toLowerCase()}.`,
    );
    expect(view.describe(low, 'en')).toBe(
      `Probability 10%: ${output.negative.label.en}, ${output.bands[0]?.label.en.toLowerCase()} risk.`,
    );
  });

  it('say the value of an example, and how far an outcome is from it', () => {
    expect(view.describeValue({ probability: 0.125 }, 'en')).toBe('12.5%');
    expect(view.describeChange({ probability: 0.1 }, high, 'en')).toBe('+80 points');
    expect(view.describeChange({ probability: 0.951 }, high, 'fr')).toBe('\u22125,1 points');
  });

  it('name what else is recorded', () => {
    expect(view.facts({ ...low, threshold: 0.4 }, 'fr')).toEqual([{ term: 'Seuil', text: '40\u00a0%' }]);
  });
});

describe('an exploration', () => {
  const model = { name: attrition.name, version: attrition.version, sha256: 'a'.repeat(12), contractSha256: null };
  const { threshold, ...point } = high;
  const answer: ExploreAnswer = { points: [{ value: null, ...point, warnings: [] }], threshold, model };

  it('has the outcome of its first point', () => {
    expect(view.outcomeOf(answer)).toEqual(high);
  });

  it('has none where that point is refused, or missing', () => {
    const refused = { value: null, errors: [{ fields: ['age'], rule: 'range', detail: 'Too young.' }] };
    expect(view.outcomeOf({ ...answer, points: [refused] })).toBeNull();
    expect(view.outcomeOf({ ...answer, points: [] })).toBeNull();
  });
});

describe('many outcomes', () => {
  it('are sorted by their probability, whatever the column', () => {
    for (const { rank } of view.columns) expect(rank(low)).toBeLessThan(rank(high));
  });

  it('are grouped by risk band, the highest first', () => {
    expect(view.groups.map(({ id }) => id)).toEqual(output.bands.map(({ id }) => id).toReversed());
    expect(view.groups.map(({ id }) => id)).toContain(view.groupOf(high));
    expect(view.groups.at(-1)?.describe('en')).toBe(`Risk\u2009: ${output.bands[0]?.label.en.toLowerCase()}`);
  });

  it('can be filtered by the parameters of the API', () => {
    expect(view.filters.map(({ name, options }) => [name, options.map(({ value }) => value)])).toEqual([
      ['risk', output.bands.map(({ id }) => id)],
      ['label', [output.negative.value, output.positive.value]],
    ]);
  });

  it('drift from the probabilities of the training', () => {
    expect(attrition.baseline && view.drift.histogram(attrition.baseline)).toBe(
      attrition.baseline && 'probability' in attrition.baseline && attrition.baseline.probability,
    );
    expect(view.drift.binOf(low)).toBe(0.1);
  });

  it('have their mean among the figures, and none where there are none', () => {
    const { figures } = outputCharts(output);
    expect(figures([low, high], 'en')).toEqual([{ term: 'Mean probability', text: '50%' }]);
    expect(figures([], 'fr')).toEqual([{ term: 'Probabilité moyenne', text: '–' }]);
  });
});

describe('an observed outcome', () => {
  it('is told in the words of a prediction that came true, an unknown one as it is', () => {
    const { positive, negative } = output;
    expect(view.describeObserved(positive.value, 'fr')).toBe(`«\u00a0${positive.label.fr}\u00a0» s’est vérifié`);
    expect(view.describeObserved(negative.value, 'en')).toBe(`“${negative.label.en}” came true`);
    expect(view.describeObserved('retired', 'fr')).toBe('retired');
  });

  it('is one of the labels that can be predicted', () => {
    const labels = outputKind(output).labels.map(({ value }) => value);
    expect(view.observable).toEqual(labels);
  });
});
