import type { Contract } from '../contract/contract.ts';
import { type Feature, featureKind } from '../contract/features/features.ts';
import { outputKind } from '../contract/outputs/outputs.ts';
import { createCsvWriter } from '../tables/csv-writer.ts';
import type { ExploreRequest, PredictAnswer, ValidateAnswer } from './answers.ts';

/** Made up, as an id looks. */
const ID = '01990f6e-7a00-7000-8000-000000000001';
/** Made up: a contract does not hold its own digest. */
const CONTRACT_SHA256 = '4f0c9a7b21de';

/** The contract's examples as requests, and their answers. */
export function createExamples({ name, version, graph, output, features, examples }: Contract) {
  const model = { name, version, sha256: graph.sha256.slice(0, 12), contractSha256: CONTRACT_SHA256 };
  const { toOutcome, rawOf } = outputKind(output);
  const named = <T>(toValue: (example: Contract['examples'][number]) => T) =>
    Object.fromEntries(
      examples.map((example, i) => [`example-${i + 1}`, { summary: example.label.en, value: toValue(example) }]),
    );
  const inputs = examples.map(({ input }) => input);
  const csv = createCsvWriter(features.map((feature) => feature.name));
  return {
    records: named(({ input }) => input),
    predictions: named(
      (example): PredictAnswer => ({
        id: ID,
        ...toOutcome(rawOf(example)),
        model,
        warnings: [],
        recorded: 'queued',
      }),
    ),
    validations: named(
      ({ input }): ValidateAnswer => ({ valid: true, record: input, identifier: null, errors: [], warnings: [] }),
    ),
    exploration: explorationOf(features, inputs),
    array: inputs,
    ndjson: inputs.map((input) => `${JSON.stringify(input)}\n`).join(''),
    csv: csv.header + inputs.map((input) => csv.line(input)).join(''),
  };
}

/** The first feature, varied over the range that training covers. */
function explorationOf(
  [first]: readonly Feature[],
  [record = {}]: readonly ExploreRequest['record'][],
): ExploreRequest {
  if (!first) return { record };
  const values = featureKind(first)
    .samples()
    .filter((value) => value !== null);
  return { record, vary: { field: first.name, values } };
}
