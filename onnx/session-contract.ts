import type { Contract } from '../common/contract/contract.ts';
import { featureKind } from '../common/contract/features/features.ts';
import { outputKind, type RawOutput } from '../common/contract/outputs/outputs.ts';
import type { SessionContract } from './session.ts';

/** What a session must know of a contract. */
export function toSessionContract({
  features,
  graph,
  output,
}: Pick<Contract, 'features' | 'graph' | 'output'>): SessionContract<RawOutput> {
  const texts = new Map(features.map((feature) => [feature.name, featureKind(feature).texts()]));
  const kind = outputKind(output);
  return {
    inputs: graph.inputs,
    output: graph.output,
    textsOf: (feature) => texts.get(feature) ?? null,
    readRaw: (tensor, rows) => kind.readRaw(tensor, rows, graph.outputColumn ?? null),
  };
}
