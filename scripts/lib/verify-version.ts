import { type GoldenReport, replayGoldenCases } from '../../common/golden-cases.ts';
import { toMatrices } from '../../common/tensors.ts';
import { createSession } from '../../workers/inference/session.ts';
import { UserError } from './cli.ts';
import type { ModelFolder } from './model-folder.ts';

/** How many failing golden cases a message shows. */
const SHOWN = 3;

/**
 * Refuses a version whose parity report failed, or whose golden cases do not come out of the graph as the training
 * pipeline had them, in the runtime that the Worker uses.
 */
export async function verifyVersion({ contract, files }: ModelFolder): Promise<GoldenReport> {
  const { parity, graph } = contract;
  if (parity.labelFlips > 0 || parity.maxAbsDifference > parity.tolerance) {
    throw new UserError(
      `The parity report of ${contract.name} ${contract.version} failed: ${parity.labelFlips} labels changed, largest difference ${parity.maxAbsDifference}.`,
    );
  }
  const session = await createSession(files['model.onnx'], graph).catch((error: unknown) => {
    throw new UserError(`The graph of ${contract.name} ${contract.version} cannot be loaded: ${error}`);
  });
  try {
    const report = await replayGoldenCases(contract, (records) => session.run(toMatrices(graph.inputs, records)));
    if (report.failures.length > 0) {
      throw new UserError(
        `${report.failures.length} of ${report.cases} golden cases and examples of ${contract.name} ${contract.version} failed:\n${report.failures.slice(0, SHOWN).join('\n')}`,
      );
    }
    return report;
  } finally {
    await session.release();
  }
}

export function describeReport({ cases, maxAbsDifference }: GoldenReport): string {
  return `${cases} golden cases and examples, largest difference ${maxAbsDifference.toExponential(1)}`;
}
