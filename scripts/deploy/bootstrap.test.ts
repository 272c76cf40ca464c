import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalCloudflare } from '../../tests/stand-ins/cloudflare/local-cloudflare.ts';
import { makeProject, type Project } from '../../tests/stand-ins/cloudflare/project.ts';
import { devVarsWith, openEmptyAccount, SECRET, secretsWith, serve } from '../../tests/stand-ins/cloudflare/stage.ts';

// Three runs start wrangler some twenty times.
vi.setConfig({ testTimeout: 180_000 });

const BUCKETS = ['futurisys-dead-letters-dev', 'futurisys-models-dev'];
const QUEUES = ['futurisys-predictions-dev', 'futurisys-predictions-dev-dead'];

let project: Project;
let cloudflare: LocalCloudflare;
beforeEach(async () => {
  project = await makeProject('dev');
  cloudflare = await openEmptyAccount('dev');
});
afterEach(async () => {
  await cloudflare.close();
  await project.remove();
});

const bootstrap = (...options: string[]) =>
  project.run('bootstrap', ['--env', 'dev', ...options], cloudflare.environment);
const writes = () => cloudflare.requests.filter(({ method, status }) => method !== 'GET' && status < 300);

describe('bootstrap', () => {
  it('creates what is missing, once, and says what remains', async () => {
    await project.write('.dev.vars.dev', `${devVarsWith(SECRET)}OTHER=unused\n`);
    const dry = await bootstrap('--dry-run');
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('Would create or set:')]);
    expect(writes()).toEqual([]);

    const first = await bootstrap();
    expect([first.code, first.stdout]).toEqual([0, expect.stringContaining('By hand remain:')]);
    const { account } = cloudflare;
    expect(Array.from(account.buckets).sort()).toEqual(BUCKETS);
    expect(Array.from(account.queues.keys()).sort()).toEqual(QUEUES);
    expect(account.worker('futurisys-dev').versions.at(-1)?.secrets).toEqual(secretsWith(SECRET));
    expect(first.stdout + first.stderr).not.toContain('very-secret');

    expect(first.stdout).toContain('the plan Workers Paid');
    expect(first.stdout).toContain('with the secrets CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID,');
    expect(first.stdout).toContain('and the variables WORKER_URL, HF_MODEL_REPO (');
    expect(first.stdout).toMatch(/Analytics Engine, enabled once .*, for futurisys_requests_dev\./);

    const written = writes().length;
    const second = await bootstrap();
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('Everything was already there')]);
    expect(writes()).toHaveLength(written);
  });

  it('warns of a token that reaches another environment', async () => {
    serve(cloudflare, 'futurisys-prod', 'v1');
    const { code, stderr, stdout } = await bootstrap('--dry-run');
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('Warning: CLOUDFLARE_API_TOKEN also reaches the Worker futurisys-prod. Keep it out of'),
    ]);
    expect(stdout).toContain('Editor of the Worker futurisys-dev alone, and Queues Edit');
  });

  it('leaves secrets that are set as they are, says so, and replaces them on request', async () => {
    await project.write('.dev.vars.dev', devVarsWith(SECRET));
    expect((await bootstrap()).code).toBe(0);
    const secrets = () => cloudflare.account.worker('futurisys-dev').versions.at(-1)?.secrets;
    const changed = SECRET.replace('very-secret', 'another-secret');
    await project.write('.dev.vars.dev', devVarsWith(changed));

    const { stdout } = await bootstrap();
    expect(stdout).toContain('2 secrets were left as they are (--replace-secrets sets them).');
    expect(secrets()).toEqual(secretsWith(SECRET));

    const replaced = await bootstrap('--replace-secrets');
    expect([replaced.code, replaced.stdout]).toEqual([
      0,
      expect.stringContaining('Created or set:\n  secret DATABASE'),
    ]);
    expect(replaced.stdout).not.toContain('were left');
    expect(secrets()).toEqual(secretsWith(changed));
  });

  it('names at once all that a new account lacks, before it changes anything', async () => {
    await project.write('.dev.vars.dev', devVarsWith(SECRET));
    Object.assign(cloudflare.account.enabled, { subdomain: null, r2: false, queues: false });
    const { code, stderr } = await bootstrap();
    expect([code, stderr]).toEqual([1, expect.stringContaining('This Cloudflare account is not ready')]);
    for (const lack of ['no workers.dev subdomain', 'R2 is not enabled', 'Queues is not enabled'])
      expect(stderr.split(lack)).toHaveLength(2);
    expect(writes()).toEqual([]);
  });

  it('creates nothing without a value for a secret', async () => {
    const { code, stderr } = await bootstrap();
    expect([code, stderr]).toEqual([1, expect.stringContaining('There is no .dev.vars.dev')]);
    expect(writes()).toEqual([]);
  });

  it('says what to do when a secret cannot be set', async () => {
    await project.write('.dev.vars.dev', devVarsWith(SECRET));
    const { account } = cloudflare;
    for (const name of BUCKETS) account.buckets.add(name);
    for (const name of QUEUES) account.queues.set(name, { id: name, name, consumers: [] });
    const worker = account.createWorker('futurisys-dev');
    const made = { annotations: {}, secrets: new Map<string, string>(), bindings: [], bytes: 1 };
    account.deploy(worker, [{ version_id: account.addVersion(worker, made).id, percentage: 100 }]);
    account.addVersion(worker, made);
    const { code, stderr } = await bootstrap();
    expect([code, stderr]).toEqual([1, expect.stringContaining('npx wrangler versions secret put')]);
    expect(writes()).toEqual([]);
  });
});
