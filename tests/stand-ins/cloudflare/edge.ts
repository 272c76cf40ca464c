import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { publicWorkerId } from '../../../common/api/worker-id.ts';
import type { BinaryContract } from '../../../common/test/binary.ts';
import type { Account, Deployment, Version, Worker } from './account.ts';

export type EdgeRequest = { path: string; version: string; percentage: number; pinned: boolean; status: number };

const VERSION_OVERRIDES = 'cloudflare-workers-version-overrides';

/**
 * Answers for one Worker, as Cloudflare's edge would route: the version that the override header names, if it is in the
 * current deployment, else a version by its share of the traffic, in a fixed rotation, so that 10 % is every tenth request.
 * `slowRequests` requests after a new deployment are still routed by the one before.
 */
export function createEdge(account: Account, workerName: string, contract: BinaryContract, log: EdgeRequest[]) {
  let slowRequests = 0;
  let delayed = 0;
  let routedBy: Deployment | undefined;
  let credits = new Map<string, number>();
  const failures = new Map<string, number>();

  function currentDeployment(worker: Worker): Deployment | undefined {
    const latest = worker.deployments.at(-1);
    if (latest !== routedBy && delayed++ >= (routedBy ? slowRequests : 0)) {
      routedBy = latest;
      credits = new Map();
      delayed = 0;
    }
    return routedBy;
  }

  /** Smooth weighted round robin: each version earns its share, the richest answers and pays 100. */
  function rotate({ versions }: Deployment): string {
    let richest = '';
    for (const { version_id, percentage } of versions) {
      credits.set(version_id, (credits.get(version_id) ?? 0) + percentage);
      if (percentage > 0 && (credits.get(version_id) ?? 0) > (credits.get(richest) ?? Number.NEGATIVE_INFINITY))
        richest = version_id;
    }
    credits.set(richest, (credits.get(richest) ?? 0) - 100);
    return richest;
  }

  function fails({ id, behaviour }: Version, percentage: number): boolean {
    const owed = (failures.get(id) ?? 0) + behaviour.errorRate(percentage);
    failures.set(id, owed >= 1 ? owed - 1 : owed);
    return owed >= 1;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await buffer(request);
    const path = request.url ?? '/';
    const worker = account.workers.get(workerName);
    const deployment = worker && currentDeployment(worker);
    if (!worker?.workersDev || !deployment) return reply(response, 404, { error: 'there is nothing here yet' });
    const wanted = overrideIn(request.headers[VERSION_OVERRIDES], workerName);
    const pinned = deployment.versions.some(({ version_id }) => version_id === wanted);
    const id = pinned && wanted ? wanted : rotate(deployment);
    const version = account.version(worker, id);
    const percentage = deployment.versions.find(({ version_id }) => version_id === id)?.percentage ?? 0;
    const [status, body] = fails(version, percentage)
      ? [500, { title: 'broken' }]
      : workerAnswer(version, path, contract);
    log.push({ path, version: id, percentage, pinned, status });
    reply(response, status, body);
  }

  return {
    answer,
    /** How many requests after each deployment from now on are still routed by the one before. */
    delay(requests: number) {
      slowRequests = requests;
      routedBy = account.workers.get(workerName)?.deployments.at(-1);
    },
  };
}

/** A version that this project never uploaded (the draft that holds secrets) has no addresses. */
function workerAnswer(version: Version, path: string, contract: BinaryContract): [status: number, body: unknown] {
  const { id, annotations, behaviour, bindings } = version;
  const { name, version: modelVersion, examples } = contract;
  if (bindings.length === 0 || !behaviour.live) return [500, { title: 'it threw' }];
  switch (path) {
    case '/health/live':
      return [200, { status: 'live' }];
    case '/health/ready':
      return [
        200,
        { status: 'ready', worker: { id: publicWorkerId(id), tag: annotations['workers/tag'] ?? '' }, checks: {} },
      ];
    case '/v1/model':
      return [200, contract];
    case '/v1/predict': {
      const probability = (examples[0]?.probability ?? 0) + (behaviour.wrongPrediction ? 0.1 : 0);
      return [200, { probability, model: { name, version: modelVersion } }];
    }
    default:
      return [404, { title: 'not found' }];
  }
}

function overrideIn(header: string | string[] | undefined, workerName: string): string | undefined {
  const [, name, id] = String(header).match(/^([a-z][a-z0-9_-]*)="([0-9a-f-]{36})"$/) ?? [];
  return name === workerName ? id : undefined;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
