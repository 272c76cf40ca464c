import type { PredictAnswer } from '../common/api/answers.ts';
import type { Contract } from '../common/contract/contract.ts';

/** Whether an answer is of the version that a contract describes, and not of one that was activated since. */
export function isModelOf({ name, version, graph }: Contract, model: PredictAnswer['model']): boolean {
  return model.name === name && model.version === version && graph.sha256.startsWith(model.sha256);
}
