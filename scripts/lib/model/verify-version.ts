import { env as ort } from 'onnxruntime-web/wasm';
import type { Contract } from '../../../common/contract/contract.ts';
import { type GoldenReport, replayGoldenCases } from '../../../common/record/golden-cases.ts';
import type { FeatureValues } from '../../../common/record/request-schema.ts';
import { createMatrixLayout } from '../../../common/record/tensors.ts';
import { GROUP_SIZE } from '../../../common/tables/group-size.ts';
import { findUnsupported } from '../../../onnx/runtime/supported.ts';
import { createSession } from '../../../onnx/session.ts';
import { toSessionContract } from '../../../onnx/session-contract.ts';
import { UserError } from '../cli.ts';
import { provideRuntime, type Runtime } from '../onnx-runtime.ts';
import { plural } from '../text.ts';
import type { ModelFolder } from './model-folder.ts';

/** How many failing golden cases a message shows. */
const SHOWN = 3;
/** The runtime has code of its own for small and for large batches. The largest size is the limit of a request to /v2. */
const BATCH_SIZES = [2, 17, GROUP_SIZE, 10_000];

/**
 * Verifies a version. Refuses a failed parity report, a graph that needs more than the Worker's runtime has, and golden cases
 * that give other results than the training pipeline, one by one or in batches.
 */
export async function verifyVersion({ contract, files }: ModelFolder): Promise<GoldenReport> {
  const { parity } = contract;
  const version = `${contract.name} ${contract.version}`;
  if (parity.labelFlips > 0 || parity.maxAbsDifference > parity.tolerance) {
    throw new UserError(
      `The parity report of ${version} failed: ${plural(parity.labelFlips, 'label')} changed, largest difference ${parity.maxAbsDifference}.`,
    );
  }
  const runtime = await provideRuntime();
  ort.wasm.wasmBinary = runtime.wasm;
  const graph = files['model.onnx'];
  if (runtime.kind === 'slim') refuseUnsupported(version, graph);
  try {
    const report = await replay(contract, graph);
    if (report.failures.length === 0) return report;
    throw new UserError(
      `${report.failures.length} of ${report.cases} golden cases and examples of ${version} failed:\n${report.failures.slice(0, SHOWN).join('\n')}`,
    );
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(describeFailure(version, error, runtime));
  }
}

function refuseUnsupported(version: string, graph: Uint8Array): void {
  const unsupported = findUnsupportedIn(version, graph);
  if (unsupported.length === 0) return;
  throw new UserError(
    `The graph of ${version} uses what the slim ONNX runtime lacks: ${unsupported.join(', ')}. Export it without, add it to onnx/runtime/cases, or check, build and deploy with ONNX_RUNTIME=stock.`,
  );
}

function findUnsupportedIn(version: string, graph: Uint8Array): string[] {
  try {
    return findUnsupported(graph);
  } catch (error) {
    throw new UserError(`The graph of ${version} cannot be loaded: ${error}`);
  }
}

function describeFailure(version: string, error: unknown, { kind }: Runtime): string {
  const isTrap = error instanceof WebAssembly.RuntimeError;
  const hint =
    isTrap && kind === 'slim'
      ? ' The slim ONNX runtime has its operators, but lacks a function that they need here: add a case like it to onnx/runtime/cases, or check, build and deploy with ONNX_RUNTIME=stock.'
      : '';
  return `The graph of ${version} cannot be loaded: ${error}${hint}`;
}

/** Runs the golden cases one by one, then all of them in batches; throws where a batch changes an answer. */
async function replay(contract: Contract, bytes: Uint8Array): Promise<GoldenReport> {
  const { parity } = contract;
  const session = await createSession(bytes, toSessionContract(contract));
  try {
    const toMatrices = createMatrixLayout(contract);
    const predict = (records: readonly FeatureValues[]) => session.run(toMatrices(records));
    const answered: { values: FeatureValues; probability: number }[] = [];
    const report = await replayGoldenCases(contract, async (records) => {
      const probabilities = await predict(records);
      for (const [i, values] of records.entries())
        answered.push({ values, probability: probabilities[i] ?? Number.NaN });
      return probabilities;
    });
    if (report.failures.length > 0 || answered.length === 0) return report;
    const failures: string[] = [];
    for (const size of BATCH_SIZES) {
      const batch = Array.from({ length: size }).flatMap((_, i) => answered[i % answered.length] ?? []);
      const probabilities = await predict(batch.map(({ values }) => values));
      const row = batch.findIndex(
        ({ probability }, i) => !(Math.abs(probability - (probabilities[i] ?? Number.NaN)) <= parity.tolerance),
      );
      if (row >= 0)
        failures.push(
          `row ${row} of a batch of ${size} is ${probabilities[row]}, and ${batch[row]?.probability} by itself`,
        );
    }
    if (failures.length > 0)
      throw new UserError(
        `${contract.name} ${contract.version} answers otherwise in a batch than one by one:\n${failures.join('\n')}`,
      );
    return report;
  } finally {
    await session.release();
  }
}

export function describeReport({ cases, maxAbsDifference }: GoldenReport): string {
  return `${cases} golden cases and examples, largest difference ${maxAbsDifference.toExponential(1)}`;
}
