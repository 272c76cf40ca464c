import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Behaviour } from '../../../tests/stand-ins/cloudflare/account.ts';
import type { LocalCloudflare } from '../../../tests/stand-ins/cloudflare/local-cloudflare.ts';
import { makeProject, type Project } from '../../../tests/stand-ins/cloudflare/project.ts';
import { historyOf, openAccount, serve, upload } from '../../../tests/stand-ins/cloudflare/stage.ts';
import { deployVersions, setTraffic } from './cloudflare.ts';
import { interruptionBy } from './interruption.ts';
import { type Rollout, rollOut } from './rollout.ts';

const WORKER = 'futurisys-prod';

const home = process.cwd();
let project: Project;
let cloudflare: LocalCloudflare;
let stable: string;
beforeEach(async () => {
  cloudflare = await openAccount('prod');
  stable = serve(cloudflare, WORKER, 'old');
  for (const [name, value] of Object.entries(cloudflare.environment)) vi.stubEnv(name, value);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  project = await makeProject('prod');
  // Made by an upload, which these tests do not do.
  await project.write('dist/assets/docs.html', 'hello');
  // wrangler works in the directory of this process.
  process.chdir(project.directory);
});
afterEach(async () => {
  process.chdir(home);
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await project.remove();
  expect(cloudflare.notEmulated).toEqual([]);
  await cloudflare.close();
});

const worker = () => cloudflare.account.worker(WORKER);
const posts = () =>
  cloudflare.requests.filter(({ method }) => method !== 'GET').map(({ path }) => path.split('/').at(-1) ?? '');

/** Rolls out a version with this behaviour. Resolves to the error's message, or to '', and to the history of the traffic. */
async function roll(behaviour: Partial<Behaviour>, change: Partial<Rollout> = {}) {
  cloudflare.account.behave(behaviour);
  const version = upload(cloudflare.account, worker(), 'new').id;
  const message = await rollOut({
    environment: 'prod',
    url: cloudflare.url,
    worker: WORKER,
    commit: 'new',
    version,
    stable,
    shares: [{ version: stable, percentage: 100 }],
    steps: [10, 50, 100],
    smokeTimeoutMs: 1000,
    probe: { requests: 20, seconds: 0.2, maxErrorRate: 0.02 },
    needsAddress: false,
    interruption: interruptionBy(new AbortController().signal),
    staying: [],
    ...change,
  }).then(
    () => '',
    (error: Error) => error.message,
  );
  return { message, version, history: historyOf(worker(), { [stable]: 'old', [version]: 'new' }) };
}

describe('rollOut', () => {
  it('returns the traffic when errors come with the second step', async () => {
    const { message, history } = await roll({ errorRate: (percentage) => (percentage >= 50 ? 0.2 : 0) });
    expect(message).toMatch(/With 50 % of the traffic on .* 1 of \d+ requests failed/);
    expect(message).toContain(`All traffic of prod went back to version ${stable}`);
    expect(history).toEqual([
      { old: 100 },
      { old: 100, new: 0 },
      { old: 90, new: 10 },
      { old: 50, new: 50 },
      { old: 100 },
    ]);
    expect(posts()).not.toContain('schedules');
  });

  it('leaves the traffic alone when somebody else shared it out meanwhile', async () => {
    const abort = new AbortController();
    const interruption = interruptionBy(abort.signal);
    let waits = 0;
    const { message, history } = await roll(
      {},
      {
        interruption: {
          ...interruption,
          // The last pause of the first step: somebody is quicker than the second.
          async wait() {
            if (++waits === 20)
              cloudflare.account.deploy(worker(), [{ version_id: stable, percentage: 100 }], 'theirs');
          },
        },
      },
    );
    expect(message).toContain('Somebody else shared the traffic of prod out anew');
    expect(history).toEqual([{ old: 100 }, { old: 100, new: 0 }, { old: 90, new: 10 }, { old: 100 }]);
    expect(worker().deployments.at(-1)?.message).toBe('theirs');
  });

  it('leaves the traffic alone when somebody else shared it out since the deployment began', async () => {
    const { id: older } = upload(cloudflare.account, worker(), 'older');
    cloudflare.account.deploy(worker(), [{ version_id: older, percentage: 100 }], 'theirs');
    const { message, history } = await roll({});
    expect(message).toContain(`Somebody else shared the traffic of prod out anew`);
    expect(message).toContain(`100 % go to ${older}`);
    expect(history).toEqual([{ old: 100 }, { [older]: 100 }]);
  });

  it('says what to do by hand when Cloudflare refuses to return the traffic', async () => {
    cloudflare.fail('POST', /deployments$/, 500, { skip: 1, times: Number.POSITIVE_INFINITY });
    const { message, history } = await roll({}, { steps: [100] });
    expect(message).toContain('Cloudflare refused 3 times');
    expect(message).toContain(`now: npx wrangler versions deploy ${stable}@100% --env prod --yes`);
    expect(history).toEqual([{ old: 100 }, { old: 100, new: 0 }]);
  });

  it('returns the traffic at the third attempt, which is the last', async () => {
    cloudflare.fail('POST', /deployments$/, 500, { skip: 1, times: 3 });
    const { message, history } = await roll({}, { steps: [100] });
    // The step itself failed once, and so did two attempts to return.
    expect(message).toContain(`All traffic of prod went back to version ${stable}`);
    expect(history.at(-1)).toEqual({ old: 100 });
  });

  it('asks for the same shares, with the same message, as wrangler does', async () => {
    const { id: version } = upload(cloudflare.account, worker(), 'new');
    const shares = [
      { version: stable, percentage: 90 },
      { version, percentage: 10 },
    ];
    await deployVersions('prod', shares, 'new: 10 %');
    await setTraffic(WORKER, shares, 'new: 10 %');
    const [byWrangler, byRequest] = worker()
      .deployments.slice(-2)
      .map(({ versions, message }) => ({ versions, message }));
    expect(byRequest).toEqual(byWrangler);
    expect(byRequest).toEqual({
      versions: shares.map((share) => ({ version_id: share.version, percentage: share.percentage })),
      message: 'new: 10 %',
    });
  });

  it('gives a Worker that only holds secrets its address before the smoke test, and its consumers once it serves', async () => {
    Object.assign(worker(), { workersDev: false });
    Object.assign(worker().versions[0] ?? {}, { handlers: ['fetch'] });
    // Cloudflare has not seen the new deployment yet.
    cloudflare.fail('POST', /\/consumers$/, 400, { code: 11001 });
    const { message, history } = await roll({}, { steps: [100], needsAddress: true });
    expect([message, history.at(-1)]).toEqual(['', { new: 100 }]);
    const [beside, all] = posts().flatMap((post, i) => (post === 'deployments' ? [i] : []));
    expect(posts().slice(beside, (all ?? 0) + 1)).toEqual([
      'deployments',
      'script-settings',
      'subdomain',
      'deployments',
    ]);
    expect(Array.from(cloudflare.account.queues.values(), ({ consumers }) => consumers.length)).toEqual([1, 1]);
  });
});
