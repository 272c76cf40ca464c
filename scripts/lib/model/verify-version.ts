import type { Contract } from '../../../common/contract/contract.ts';
import type { NeededRuntime } from '../../../common/contract/needed-runtime.ts';
import { outputKind, type RawOutput } from '../../../common/contract/outputs/outputs.ts';
import { type GoldenReport, replayGoldenCases } from '../../../common/record/golden-cases.ts';
import { goldenCoverage } from '../../../common/record/golden-coverage.ts';
import type { FeatureValues } from '../../../common/record/request-schema.ts';
import { createMatrixLayout } from '../../../common/record/tensors.ts';
import { GROUP_SIZE } from '../../../common/tables/group-size.ts';
import { zip } from '../../../common/zip.ts';
import { findUnsupported } from '../../../onnx/runtime/supported.ts';
import { createSession } from '../../../onnx/session.ts';
import { toSessionContract } from '../../../onnx/session-contract.ts';
import { runtimeKind, switchTo } from '../../../onnx/switchable-runtime.ts';
import { UserError } from '../cli.ts';
import { provideRuntime, useRuntime } from '../onnx-runtime.ts';
import { plural } from '../text.ts';
import type { ModelFolder } from './model-folder.ts';

/** How many failing golden cases a message shows. */
const SHOWN = 3;
/** The runtime has code of its own for small and for large batches. The largest size is the limit of a request to /v2. */
const BATCH_SIZES = [2, 17, GROUP_SIZE, 10_000];

/** `unexercised`: what no golden case shows, though none need show it, one phrase each. */
export type Verified = GoldenReport & {
  unexercised: string[];
  /** The runtime that the version is to start with, where that is not the slim one. */
  runtime: NeededRuntime | undefined;
};

/**
 * Verifies a version. Refuses a failed parity report, a graph that ONNX Runtime refuses, and golden cases that are too few,
 * leave out a label, a category or an end of a range, or give other results than the training pipeline, one by one or in batches.
 * Says whether the slim runtime was enough: it begins with that one.
 */
export async function verifyVersion({ contract, files }: ModelFolder): Promise<Verified> {
  const { parity } = contract;
  const version = `${contract.name} ${contract.version}`;
  if (parity.labelFlips > 0 || parity.maxAbsDifference > parity.tolerance) {
    throw new UserError(
      `The parity report of ${version} failed: ${plural(parity.labelFlips, 'label')} changed, largest difference ${parity.maxAbsDifference}.`,
    );
  }
  const { missing, remarks } = goldenCoverage(contract);
  if (missing.length > 0) {
    throw new UserError(
      `The golden cases of ${version} are not enough to tell that its graph is right: ${missing.join('; ')}. Make more of them with the training pipeline (docs/models.md#golden-cases).`,
    );
  }
  useRuntime(await provideRuntime());
  const graph = files['model.onnx'];
  const isCovered = findUnsupportedIn(version, graph).length === 0;
  await switchTo(isCovered ? 'slim' : 'full');
  try {
    const report = await replay(contract, graph);
    const runtime = isCovered && runtimeKind() === 'slim' ? undefined : 'full';
    if (report.failures.length === 0) return { ...report, unexercised: [...remarks, ...report.unexercised], runtime };
    throw new UserError(
      `${report.failures.length} of ${report.cases} golden cases and examples of ${version} failed:\n${report.failures.slice(0, SHOWN).join('\n')}`,
    );
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(describeFailure(version, error));
  }
}

function findUnsupportedIn(version: string, graph: Uint8Array): string[] {
  try {
    return findUnsupported(graph);
  } catch (error) {
    throw new UserError(`The graph of ${version} cannot be loaded: ${error}`);
  }
}

function describeFailure(version: string, error: unknown): string {
  const hint =
    error instanceof WebAssembly.RuntimeError
      ? ' ONNX Runtime itself ended: the graph needs more memory than WebAssembly has, or nests too deep. Export a smaller model, with fewer or shallower trees for example.'
      : ' Run the graph with onnxruntime in Python: where that refuses it too, export it again.';
  return `The graph of ${version} cannot be run: ${String(error).trim().replace(/[.]+$/, '')}.${hint}`;
}

/** Runs the golden cases one by one, then all of them in batches; throws where a batch changes an answer. */
async function replay(contract: Contract, bytes: Uint8Array): Promise<Omit<Verified, 'runtime'>> {
  const { parity } = contract;
  const kind = outputKind(contract.output);
  const session = await createSession(bytes, toSessionContract(contract));
  try {
    const toMatrices = createMatrixLayout(contract);
    const predict = (records: readonly FeatureValues[]) => session.run(toMatrices(records));
    const answered: Answered[] = [];
    const report = await replayGoldenCases(contract, async (records) => {
      const outputs = await predict(records);
      answered.push(...zip(records, outputs, (values, output) => ({ values, output })));
      return outputs;
    });
    if (report.failures.length > 0) return { ...report, unexercised: [] };
    const failures: string[] = [];
    for (const size of BATCH_SIZES) {
      const batch = Array.from({ length: size }).flatMap((_, i) => answered[i % answered.length] ?? []);
      const outputs = await predict(batch.map(({ values }) => values));
      const row = batch.findIndex(({ output }, i) => !(kind.distance(output, outputs[i]) <= parity.tolerance));
      if (row >= 0)
        failures.push(`row ${row} of a batch of ${size} is ${outputs[row]}, and ${batch[row]?.output} by itself`);
    }
    if (failures.length > 0)
      throw new UserError(
        `${contract.name} ${contract.version} answers otherwise in a batch than one by one:\n${failures.join('\n')}`,
      );
    return { ...report, unexercised: await findIrrelevant(contract, answered, predict) };
  } finally {
    await session.release();
  }
}

type Answered = { values: FeatureValues; output: RawOutput };

/** The features that may as well hold another case's value: a graph that reads the wrong column there would pass. */
async function findIrrelevant(
  { features, parity, output }: Contract,
  answered: readonly Answered[],
  predict: (records: readonly FeatureValues[]) => Promise<RawOutput[]>,
): Promise<string[]> {
  const kind = outputKind(output);
  const irrelevant: string[] = [];
  for (const [column, { name }] of features.entries()) {
    const exchanged = answered.map(({ values }, i) => {
      const other = answered[(i + 1) % answered.length]?.values[column];
      return other === undefined ? values : values.with(column, other);
    });
    const outputs = await predict(exchanged);
    const matters = answered.some((one, i) => kind.distance(one.output, outputs[i]) > parity.tolerance);
    if (!matters) irrelevant.push(`that ${name} matters`);
  }
  return irrelevant;
}

export function describeReport({ cases, maxAbsDifference, unexercised, runtime }: Verified): string {
  const gaps = unexercised.length > 0 ? `; no golden case shows ${unexercised.join(', ')}` : '';
  return `${cases} golden cases and examples, largest difference ${maxAbsDifference.toExponential(1)}${runtime ? '; it needs the full ONNX runtime' : ''}${gaps}`;
}
