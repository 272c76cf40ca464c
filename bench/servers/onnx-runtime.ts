import { InferenceSession, type Tensor } from 'onnxruntime-web/wasm';
import { Contract } from '../../common/contract/contract.ts';
import { createMatrixLayout } from '../../common/record/tensors.ts';
import contractJson from '../../model/contract.json';
import graph from '../../model/model.onnx';
import { withPrecompiledRuntime } from '../../onnx/precompiled-runtime.ts';
import { toFeeds } from '../../onnx/session.ts';

/**
 * ONNX Runtime alone, in the Worker's runtime: POST ?rows=N&group=M runs the graph over N rows, M at a time. The tensors are
 * made by the first request. A Worker's clock stands still while it computes, so the caller measures.
 */
export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const [rows, group] = [Number(searchParams.get('rows')), Number(searchParams.get('group'))];
    loading ??= load();
    const session = await loading;
    const feeds = feedsOf(group);
    for (let done = 0; done < rows; done += group) await session.run(feeds, [contract.graph.output]);
    return Response.json({ rows });
  },
} satisfies ExportedHandler;

const contract = Contract.parse(contractJson);
let loading: Promise<InferenceSession> | null = null;
const feedsByGroup = new Map<number, Record<string, Tensor>>();

function load(): Promise<InferenceSession> {
  return withPrecompiledRuntime(() =>
    InferenceSession.create(new Uint8Array(graph), { executionProviders: ['wasm'], graphOptimizationLevel: 'all' }),
  );
}

function feedsOf(group: number): Record<string, Tensor> {
  const known = feedsByGroup.get(group);
  if (known) return known;
  const { golden } = contract;
  const records = Array.from({ length: group }, (_, i) => golden[i % golden.length]?.values ?? []);
  const matrices = createMatrixLayout(contract)(records);
  const feeds = toFeeds(matrices);
  feedsByGroup.set(group, feeds);
  return feeds;
}
