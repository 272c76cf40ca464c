import type { Contract } from '../../common/contract/contract.ts';
import { GROUP_SIZE } from '../../common/tables/group-size.ts';
import { Connection } from './connection.ts';
import { csvOf, httpPost } from './requests.ts';
import type { Results } from './results.ts';
import { median, spreadOf } from './statistics.ts';
import type { Subject } from './subjects.ts';
import { type Build, buildServer, withPublishedRuntime } from './worker-build.ts';
import { type Server, startWorkerd } from './workerd.ts';
import { configurePlain } from './workerd-config.ts';

const ROWS = 10_000;

/**
 * Measures a CSV file through the batch endpoint, which answers CSV, and the same rows through ONNX Runtime alone. The latter
 * runs in the same kind of process on ready tensors: the published and the Worker's runtime, in the endpoint's groups and all
 * at once. The subjects take turns; a round's figure is the median of its runs.
 */
export async function measureCsv(
  worker: Subject,
  contract: Contract,
  { rounds, runs }: { rounds: number; runs: number },
): Promise<NonNullable<Results['csv']>> {
  await using running = new AsyncDisposableStack();
  const start = async (build: Build) =>
    running.adopt(await startWorkerd(await configurePlain(build)), (server) => server.stop());
  const connect = async ({ port }: Server) => running.adopt(await Connection.open(port), (it) => it.close());
  const alone = await buildServer('onnx-runtime');
  const [stockServer, servedServer] = [await start(await withPublishedRuntime(alone)), await start(alone)];
  // Open the connection last: the server closes an idle one.
  const [ours, stock, served] = [await connect(worker.server), await connect(stockServer), await connect(servedServer)];
  const csv = httpPost('/v1/predict/batch', { 'content-type': 'text/csv' }, csvOf(contract, ROWS));
  const graph = (group: number) => httpPost(`/?rows=${ROWS}&group=${group}`, {}, '');
  const loads = [
    { connection: ours, request: csv },
    ...[stock, served].flatMap((connection) => [
      { connection, request: graph(GROUP_SIZE) },
      { connection, request: graph(ROWS) },
    ]),
  ];
  for (const { connection, request } of loads) for (let i = 0; i < 2; i++) await connection.send(request);
  const medians = loads.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    const taken = loads.map((): number[] => []);
    for (let run = 0; run < runs; run++) {
      for (const [i, { connection, request }] of loads.entries()) {
        const startedAt = performance.now();
        await connection.send(request);
        taken[i]?.push(performance.now() - startedAt);
      }
    }
    for (const [i, times] of taken.entries()) medians[i]?.push(median(times));
  }
  const [workerMs, inGroups, atOnce, servedInGroups, servedAtOnce] = medians.map(spreadOf);
  if (!workerMs || !inGroups || !atOnce || !servedInGroups || !servedAtOnce) throw new Error('a load is missing');
  return {
    rows: ROWS,
    group: GROUP_SIZE,
    workerMs,
    publishedMs: { inGroups, atOnce },
    servedMs: { inGroups: servedInGroups, atOnce: servedAtOnce },
  };
}
