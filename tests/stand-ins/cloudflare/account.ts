import { randomUUID } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { createAssetStore } from './assets.ts';

/** How a version answers at the edge. */
export type Behaviour = {
  /** The share of requests that it answers with 500, given the percentage of the traffic that it has. */
  errorRate(percentage: number): number;
  wrongPrediction: boolean;
  live: boolean;
};

const HEALTHY: Behaviour = { errorRate: () => 0, wrongPrediction: false, live: true };

export type Version = {
  id: string;
  createdOn: string;
  annotations: Record<string, string>;
  /** Names and values of the secrets that it was created with. */
  secrets: Map<string, string>;
  bindings: { name: string; type: string }[];
  /** The handlers that its code exports. */
  handlers: string[];
  bytes: number;
  /** Paths of the static files that it serves. */
  assets: string[];
  behaviour: Behaviour;
};
type Made = Pick<Version, 'annotations' | 'secrets' | 'bindings' | 'bytes'> & {
  assets?: string[];
  handlers?: string[];
};
export type Share = { version_id: string; percentage: number };
export type Deployment = { id: string; createdOn: string; message: string; versions: Share[] };
export type Worker = {
  name: string;
  /** The oldest first. */
  versions: Version[];
  /** The oldest first. */
  deployments: Deployment[];
  workersDev: boolean;
  /** Whether each version has an address of its own. */
  versionUrls: boolean;
  schedules: string[];
  settings: Record<string, unknown>;
  tags: string[];
};
export type Queue = { id: string; name: string; consumers: { id: string; script: string; settings: unknown }[] };

export type Account = ReturnType<typeof createAccount>;

/** What an account holds, in memory, and the rules by which it changes. */
export function createAccount() {
  const workers = new Map<string, Worker>();
  const queues = new Map<string, Queue>();
  const buckets = new Set<string>();
  /** What somebody did in the dashboard: a new account has no subdomain, and neither product. */
  const enabled: { subdomain: string | null; r2: boolean; queues: boolean } = {
    subdomain: 'acme',
    r2: true,
    queues: true,
  };
  let behaviour = HEALTHY;
  let lastTime = 0;

  function now(): string {
    lastTime = Math.max(Date.now(), lastTime + 1);
    return new Date(lastTime).toISOString();
  }

  function worker(name: string): Worker {
    const found = workers.get(name);
    if (!found) throw new ApiError(404, 10007, 'This Worker does not exist on your account.');
    return found;
  }

  function createWorker(name: string): Worker {
    const created: Worker = {
      name,
      versions: [],
      deployments: [],
      workersDev: false,
      versionUrls: false,
      schedules: [],
      settings: {},
      tags: [],
    };
    workers.set(name, created);
    return created;
  }

  function addVersion(target: Worker, { assets = [], handlers = ['fetch'], ...made }: Made): Version {
    const version = { id: randomUUID(), createdOn: now(), behaviour, assets, handlers, ...made };
    target.versions.push(version);
    return version;
  }

  function version(target: Worker, id: string): Version {
    const found = target.versions.find((it) => it.id === id);
    if (!found) throw new ApiError(404, 10222, `Version ${id} does not exist.`);
    return found;
  }

  function deploy(target: Worker, versions: Share[], message = ''): Deployment {
    const total = versions.reduce((sum, { percentage }) => sum + percentage, 0);
    if (versions.length > 2 || Math.abs(total - 100) > 0.01)
      throw new ApiError(400, 10021, `${versions.length} versions with ${total} % cannot be deployed.`);
    for (const share of versions) version(target, share.version_id);
    const deployment = { id: randomUUID(), createdOn: now(), message, versions };
    target.deployments.push(deployment);
    return deployment;
  }

  /** Adds a version of the latest one's code, with these secrets changed. */
  function addSecrets(target: Worker, changes: ReadonlyMap<string, string>, annotations: Record<string, string>) {
    const latest = target.versions.at(-1);
    if (!latest) throw new ApiError(404, 10007, 'This Worker does not exist on your account.');
    const { bindings, bytes, assets, handlers } = latest;
    const secrets = new Map([...latest.secrets, ...changes]);
    const made = addVersion(target, { annotations, secrets, bindings, bytes, assets, handlers });
    made.behaviour = latest.behaviour;
    return made;
  }

  /** A changed secret is a new version, deployed at once; refused while the latest one is not deployed. */
  function setSecrets(target: Worker, changes: ReadonlyMap<string, string>): void {
    const latest = target.versions.at(-1);
    const serving = target.deployments.at(-1)?.versions ?? [];
    if (!serving.some(({ version_id, percentage }) => version_id === latest?.id && percentage === 100))
      throw new ApiError(400, 10215, "The latest version of your Worker isn't currently deployed.");
    const made = addSecrets(target, changes, { 'workers/triggered_by': 'secret' });
    deploy(target, [{ version_id: made.id, percentage: 100 }]);
  }

  return {
    workers,
    queues,
    buckets,
    enabled,
    assets: createAssetStore(),
    now,
    worker,
    createWorker,
    addVersion,
    version,
    deploy,
    addSecrets,
    setSecrets,
    /** How every version answers that is created from now on. */
    behave(next: Partial<Behaviour>) {
      behaviour = { ...HEALTHY, ...next };
    },
  };
}
