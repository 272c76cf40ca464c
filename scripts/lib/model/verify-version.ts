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

export type Examination = Verified & {
  /** Why the version is refused, one message each. Empty if it is sound. */
  errors: string[];
  /** What the golden cases must show and do not, one phrase each. */
  missing: string[];
  /** What was done, one phrase each. */
  ran: string[];
};

/**
 * Verifies a version. Refuses a failed parity report, a graph that ONNX Runtime refuses, and golden cases that are too few,
 * leave out a label, a category or an end of a range, or give other results than the training pipeline, one by one or in batches.
 * Says whether the slim runtime was enough: it begins with that one.
 */
export async function verifyVersion(model: ModelFolder): Promise<Verified> {
  const { errors, ...verified } = await examineVersion(model);
  if (errors.length > 0) throw new UserError(errors.join('\n'));
  return verified;
}

/** Does all that verifying a version does, and reports everything that is wrong with it at once. */
export async function examineVersion({ contract, files }: ModelFolder): Promise<Examination> {
  const { parity } = contract;
  const version = `${contract.name} ${contract.version}`;
  const errors: string[] = [];
  if (parity.labelFlips > 0 || parity.maxAbsDifference > parity.tolerance) {
    errors.push(
      `The parity report of ${version} failed: ${plural(parity.labelFlips, 'label')} changed, largest difference ${parity.maxAbsDifference}. Export the model again: its graph must answer as the training pipeline does.`,
    );
  }
  const { missing, remarks } = goldenCoverage(contract);
  if (missing.length > 0) {
    errors.push(
      `The golden cases of ${version} are not enough to tell that its graph is right: ${missing.join('; ')}. Make more of them with the training pipeline (docs/models.md#golden-cases).`,
    );
  }
  const replayed = await tryGraph(contract, files['model.onnx']);
  return {
    ...replayed,
    unexercised: [...remarks, ...replayed.unexercised],
    errors: [...errors, ...replayed.errors],
    missing,
  };
}

type Replayed = Omit<Examination, 'missing'>;

async function tryGraph(contract: Contract, graph: Uint8Array): Promise<Replayed> {
  const version = `${contract.name} ${contract.version}`;
  useRuntime(await provideRuntime());
  try {
    const isCovered = findUnsupportedIn(version, graph).length === 0;
    await switchTo(isCovered ? 'slim' : 'full');
    const report = await replay(contract, graph);
    const runtime = isCovered && runtimeKind() === 'slim' ? undefined : 'full';
    return { ...report, runtime };
  } catch (error) {
    return {
      cases: 0,
      maxAbsDifference: Number.NaN,
      failures: [],
      unexercised: [],
      runtime: undefined,
      ran: ['opened model.onnx'],
      errors: [error instanceof UserError ? error.message : describeFailure(version, error)],
    };
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

/** Runs the golden cases one by one, then all of them in batches, which must not change an answer. */
async function replay(contract: Contract, bytes: Uint8Array): Promise<Omit<Replayed, 'runtime'>> {
  const version = `${contract.name} ${contract.version}`;
  const { tolerance } = contract.parity;
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
    const { cases, failures } = report;
    const ran = ['opened model.onnx', `${cases} golden cases and examples one by one`];
    if (failures.length > 0) {
      const others = failures.length > SHOWN ? `\nand ${failures.length - SHOWN} more` : '';
      const error = `${failures.length} of ${cases} golden cases and examples of ${version} failed:\n${failures.slice(0, SHOWN).join('\n')}${others}\nThe graph answers otherwise than the training pipeline did: compare the order and the types of its columns with graph.inputs, and export graph and contract together.`;
      return { ...report, unexercised: [], ran, errors: [error] };
    }
    const differing: string[] = [];
    for (const size of BATCH_SIZES) {
      const batch = Array.from({ length: size }).flatMap((_, i) => answered[i % answered.length] ?? []);
      const outputs = await predict(batch.map(({ values }) => values));
      const row = batch.findIndex(({ output }, i) => !(kind.distance(output, outputs[i]) <= tolerance));
      if (row >= 0)
        differing.push(`row ${row} of a batch of ${size} is ${outputs[row]}, and ${batch[row]?.output} by itself`);
    }
    ran.push(`the same cases in batches of ${BATCH_SIZES.join(', ')}`);
    if (differing.length > 0) {
      const error = `${version} answers otherwise in a batch than one by one:\n${differing.join('\n')}\nExport the graph so that a row's answer depends on that row alone, with a first dimension of any length.`;
      return { ...report, unexercised: [], ran, errors: [error] };
    }
    const unexercised = await findIrrelevant(contract, answered, predict);
    ran.push('the same cases with the values of each feature exchanged');
    return { ...report, unexercised, ran, errors: [] };
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
