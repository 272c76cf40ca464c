import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, vi } from 'vitest';
import { parseBinaryContract } from '../../../common/test/binary.ts';
import { startNeonEndpoint } from '../../../scripts/lib/database/neon-endpoint.ts';
import type { Environment } from '../../../scripts/lib/model/open-store.ts';
import type { Finished, Running } from '../../kit/run-script.ts';
import { openTestDatabase } from '../../kit/test-database.ts';
import type { Account, Version, Worker } from './account.ts';
import { type LocalCloudflare, startLocalCloudflare } from './local-cloudflare.ts';
import { makeProject, type Project, readContract } from './project.ts';

export const SECRET = 'postgres://user:very-secret@db.example.org/main';

/** All secrets that an environment requires, the database's with this value. */
export const secretsWith = (databaseUrl: string) =>
  new Map([
    ['DATABASE_URL', databaseUrl],
    ['API_KEYS', '[]'],
  ]);

/** The same, as .dev.vars holds them. */
export const devVarsWith = (databaseUrl: string) =>
  Array.from(secretsWith(databaseUrl), ([name, value]) => `${name}="${value}"\n`).join('');

export type Stage = {
  project: Project;
  cloudflare: LocalCloudflare;
  databaseUrl: string;
  worker(): Worker;
  /** Makes a Worker that serves the commit that is checked out. Returns its version. */
  deployedBefore(): string;
  /** Commits a change. Returns the commit, as deployments are tagged with it. */
  change(): Promise<string>;
  start(options?: readonly string[], env?: Record<string, string>): Running;
  deploy(options?: readonly string[], env?: Record<string, string>): Promise<Finished>;
  /** With the secrets in their file, the database's with this value. */
  bootstrap(databaseUrl: string, ...options: string[]): Promise<Finished>;
  /** As somebody would by hand. Rejects where wrangler fails. */
  wrangler(args: readonly string[], input: string): Promise<void>;
  newestVersion(): string;
  /** The names of the project's migrations, in order. */
  migrations(): string[];
  /** How each deployment shared the traffic, the oldest first, the versions under these names. */
  history(names: Record<string, string>): Record<string, number>[];
  /** What was sent to the API to change something, in order, below the Worker. */
  writes(): string[];
  /** Resolves once a version has this share of the traffic. */
  reached(percentage: number): Promise<void>;
  close(): Promise<void>;
};

/** An account with the buckets and queues of an environment. */
export async function openAccount(environment: Environment): Promise<LocalCloudflare> {
  const cloudflare = await openEmptyAccount(environment);
  const { buckets, queues } = cloudflare.account;
  for (const name of ['models', 'dead-letters']) buckets.add(`futurisys-${name}-${environment}`);
  for (const name of [`futurisys-predictions-${environment}`, `futurisys-predictions-${environment}-dead`])
    queues.set(name, { id: name, name, consumers: [] });
  return cloudflare;
}

/** Makes a Worker that serves a version with this tag. Returns the version's id. */
export function serve({ account }: LocalCloudflare, workerName: string, tag: string): string {
  const created = account.createWorker(workerName);
  created.workersDev = true;
  const { id } = upload(account, created, tag);
  account.deploy(created, [{ version_id: id, percentage: 100 }]);
  return id;
}

/** Adds a version with this tag, without traffic. */
export function upload(account: Account, worker: Worker, tag: string): Version {
  return account.addVersion(worker, {
    annotations: { 'workers/tag': tag },
    secrets: secretsWith(SECRET),
    bindings: [{ name: 'MODELS', type: 'r2_bucket' }],
    handlers: ['fetch', 'queue', 'scheduled'],
    bytes: 1,
  });
}

/** How each deployment of a Worker shared the traffic, the oldest first, its versions under these names. */
export function historyOf({ deployments }: Worker, names: Record<string, string>): Record<string, number>[] {
  return deployments.map(({ versions }) =>
    Object.fromEntries(versions.map(({ version_id, percentage }) => [names[version_id] ?? version_id, percentage])),
  );
}

/** An account with nothing in it. */
export const openEmptyAccount = async (environment: Environment): Promise<LocalCloudflare> =>
  startLocalCloudflare(`futurisys-${environment}`, parseBinaryContract(await readContract()));

/** A project, the account that it is deployed to, and an empty database where the environment has one. */
export async function openStage(environment: Environment, open = openAccount): Promise<Stage> {
  const workerName = `futurisys-${environment}`;
  const project = await makeProject(environment);
  const cloudflare = await open(environment);
  const database = environment === 'model' ? null : await startNeonEndpoint(await openTestDatabase());
  const { account } = cloudflare;
  const worker = () => account.worker(workerName);

  function start(options: readonly string[] = [], env: Record<string, string> = {}): Running {
    const model = options.includes('--model-version') ? [] : ['--skip-model'];
    const quick = ['--step-seconds', '0.2', '--step-requests', '20', '--wait', '1'];
    return project.start(
      'deploy',
      ['--env', environment, '--url', cloudflare.url, '--json', ...model, ...quick, ...options],
      { ...cloudflare.environment, DATABASE_URL: database?.databaseUrl ?? '', ...env },
    );
  }

  return {
    project,
    cloudflare,
    databaseUrl: database?.databaseUrl ?? '',
    worker,
    deployedBefore: () => serve(cloudflare, workerName, project.git('rev-parse', '--short=12', 'HEAD')),
    async change() {
      await project.write('workers/change.ts', `export const at = ${Date.now()};\n`);
      return project.commit('feat: change');
    },
    start,
    deploy: (options, env) => start(options, env).finished,
    async bootstrap(databaseUrl, ...options) {
      await project.write(`.dev.vars.${environment}`, devVarsWith(databaseUrl));
      return project.run('bootstrap', ['--env', environment, ...options], cloudflare.environment);
    },
    async wrangler(args, input) {
      const env = { ...process.env, ...cloudflare.environment };
      const running = promisify(execFile)('wrangler', args, { cwd: project.directory, env });
      running.child.stdin?.end(input);
      await running;
    },
    newestVersion: () => worker().versions.at(-1)?.id ?? '',
    migrations: () =>
      project
        .git('ls-files', 'migrations/*.sql')
        .split('\n')
        .map((path) => path.replace(/^migrations\/(.*)\.sql$/, '$1')),
    history: (names) => historyOf(worker(), names),
    writes: () =>
      cloudflare.requests
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path.replace(`/workers/scripts/${workerName}`, '')}`),
    reached: (percentage) =>
      vi.waitFor(
        () => {
          const shares = account.workers.get(workerName)?.deployments.at(-1)?.versions;
          expect(shares?.some((share) => share.percentage === percentage)).toBe(true);
        },
        { timeout: 120_000, interval: 50 },
      ),
    async close() {
      expect(cloudflare.notEmulated).toEqual([]);
      await cloudflare.close();
      await database?.close();
      await project.remove();
    },
  };
}
