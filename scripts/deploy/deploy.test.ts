import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ACTIVE_POINTER_KEY, type ActivePointer } from '../../common/contract/active-pointer.ts';
import { MODEL_FILES } from '../../common/contract/model-version.ts';
import {
  openEmptyAccount,
  openStage,
  SECRET,
  type Stage,
  secretsWith,
  serve,
  upload,
} from '../../tests/stand-ins/cloudflare/stage.ts';
import { startLocalHub } from '../../tests/stand-ins/hub/local-hub.ts';
import { type LocalS3, startLocalS3 } from '../../tests/stand-ins/s3/local-s3.ts';
import { applyMigrations } from '../lib/database/migrations.ts';
import { commitFiles, createTag, ensureRepo, type Hub } from '../lib/model/hub.ts';
import type { Environment } from '../lib/model/open-store.ts';
import { noProgressBar } from '../lib/progress-bar.ts';

// Nearly all the time goes into starting wrangler: two at a time, for two cores.
vi.setConfig({ maxConcurrency: 2, testTimeout: 180_000 });

/** A test on a stage of its own. */
const on =
  (environment: Environment, test: (stage: Stage) => Promise<void>, open?: typeof openEmptyAccount) => async () => {
    const stage = await openStage(environment, open);
    try {
      await test(stage);
    } finally {
      await stage.close();
    }
  };

describe('deploy', () => {
  it.concurrent(
    'mirrors and activates a model, creates the Worker, and next time replaces its version',
    on('model', async (stage) => {
      const commit = stage.project.git('rev-parse', '--short=12', 'HEAD');
      await withPublishedModel(async (env, bucket) => {
        const first = await stage.deploy(['--model-version', '1.0.2', '--wait', '5'], env);
        expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('creating the Worker')]);
        expect(JSON.parse(first.stdout)).toMatchObject({
          commit,
          version: stage.newestVersion(),
          previous: null,
          migrations: [],
          model: { version: '1.0.2', stored: true, activated: true },
        });
        expect(String(bucket.get(ACTIVE_POINTER_KEY)?.bytes)).toContain(commit);
      });
      expect(stage.worker().workersDev).toBe(true);

      const old = stage.newestVersion();
      const next = await stage.change();
      const second = await stage.deploy();
      expect([second.code, JSON.parse(second.stdout)]).toMatchObject([0, { commit: next, previous: old, model: null }]);
      expect(stage.history({ [old]: 'old', [stage.newestVersion()]: 'new' })).toEqual([
        { old: 100 },
        { old: 100, new: 0 },
        { new: 100 },
      ]);
      expect(stage.worker().versions.map(({ annotations }) => annotations['workers/tag'])).toEqual([commit, next]);
    }),
  );

  it.concurrent(
    'activates a model where the last one was withdrawn, and claims no switch that it did not make',
    on('model', async (stage) => {
      stage.deployedBefore();
      await withPublishedModel(async (env, bucket) => {
        const withdrawn = pointerTo('1.0.2', 'withdraw');
        const bytes = Buffer.from(JSON.stringify(withdrawn));
        bucket.set(ACTIVE_POINTER_KEY, { bytes, etag: '"withdrawn"', contentType: 'application/json' });
        const first = await stage.deploy(['--model-version', '1.0.2'], env);
        expect([first.code, JSON.parse(first.stdout)]).toMatchObject([0, { model: { stored: true, activated: true } }]);

        stage.cloudflare.account.behave({ wrongPrediction: true });
        const again = await stage.deploy(['--model-version', '1.0.2', '--activate'], env);
        expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('failed its smoke test')]);
        expect(again.stderr).not.toContain('was activated');
      });
    }),
  );

  it.concurrent(
    'migrates, uploads, tests the version, and gives it all the traffic',
    on('dev', async (stage) => {
      const old = stage.deployedBefore();
      const commit = await stage.change();
      // The old version still answers the first requests, in spite of the header.
      stage.cloudflare.edge.delay(12);
      const { code, stdout, stderr } = await stage.deploy(['--wait', '20']);
      expect([code, stderr]).toEqual([0, expect.stringContaining('0 of 20 failed')]);
      const version = stage.newestVersion();
      expect(JSON.parse(stdout)).toMatchObject({
        commit,
        version,
        previous: old,
        migrations: stage.migrations(),
        steps: [{ percentage: 100, requests: 20, errors: 0 }],
      });
      expect(stage.history({ [old]: 'old', [version]: 'new' })).toEqual([
        { old: 100 },
        { old: 100, new: 0 },
        { new: 100 },
      ]);
      expect(await applyMigrations(stage.databaseUrl)).toEqual([]);
      expect(stage.writes().filter((path) => !path.includes('script-settings'))).toEqual([
        'POST /assets-upload-session',
        'POST /workers/assets/upload',
        'POST /versions',
        'POST /deployments',
        'POST /deployments',
        'POST /subdomain',
        'PUT /schedules',
        'POST /queues/futurisys-predictions-dev/consumers',
        'POST /queues/futurisys-predictions-dev-dead/consumers',
      ]);
      expect(stage.worker().versions.at(-1)?.assets).toEqual(['/docs.html']);
      // The version was tested before it had traffic, and not on the answers of the old one.
      const pinned = stage.cloudflare.edgeRequests.filter((request) => request.pinned);
      expect(pinned.every((request) => request.version === version && request.percentage === 0)).toBe(true);
      expect(pinned.map(({ path }) => path)).toContain('/v1/predict');
      expect(stdout + stderr).not.toContain('very-secret');
      expect(stage.worker().versions.at(-1)?.secrets.get('DATABASE_URL')).toBe(SECRET);
    }),
  );

  it.concurrent(
    'uploads nothing when a migration fails',
    on('dev', async (stage) => {
      const old = stage.deployedBefore();
      await breakMigrations(stage);
      const { code, stderr } = await stage.deploy();
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('Nothing was uploaded, and the traffic is as it was'),
      ]);
      expect(stage.history({ [old]: 'old' })).toEqual([{ old: 100 }]);
      expect(stage.writes()).toEqual([]);
    }),
  );

  it.concurrent(
    'leaves the old version all the traffic when the new one predicts wrongly',
    on('dev', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      stage.cloudflare.account.behave({ wrongPrediction: true });
      const { code, stderr } = await stage.deploy();
      expect([code, stderr]).toEqual([1, expect.stringContaining('failed its smoke test')]);
      expect(stderr).toContain(`went back to version ${old}`);
      expect(stderr).toContain('This stays as it was done: the database has the migrations 0000_');
      expect(stage.history({ [old]: 'old', [stage.newestVersion()]: 'new' })).toEqual([
        { old: 100 },
        { old: 100, new: 0 },
        { old: 100 },
      ]);
    }),
  );

  it.concurrent(
    'returns the traffic when a trigger cannot be applied, and applies it next time',
    on('dev', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      stage.cloudflare.fail('PUT', /\/schedules$/, 500, { times: Number.POSITIVE_INFINITY });
      const { code, stderr } = await stage.deploy();
      expect([code, stderr]).toEqual([1, expect.stringContaining('wrangler triggers deploy failed')]);
      expect(stderr).toContain(`All traffic of dev went back to version ${old}`);
      expect(stderr).toContain('cron, queue consumers and addresses, as far as they were applied');
      const failed = stage.newestVersion();
      const names = { [old]: 'old', [failed]: 'failed' };
      expect(stage.history(names)).toEqual([{ old: 100 }, { old: 100, failed: 0 }, { failed: 100 }, { old: 100 }]);

      stage.cloudflare.heal();
      const again = await stage.deploy();
      expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { previous: old, migrations: [] }]);
      const deployed = { [stage.newestVersion()]: 'new' };
      expect(stage.history({ ...names, ...deployed }).slice(-2)).toEqual([{ old: 100, new: 0 }, { new: 100 }]);
      expect(stage.worker().schedules).toEqual(['*/5 * * * *']);
    }),
  );

  it.concurrent(
    'lets a first version that fails stay, having none to return to, and replaces it next time',
    on('model', async (stage) => {
      stage.cloudflare.account.behave({ wrongPrediction: true });
      const { code, stderr } = await stage.deploy();
      expect([code, stderr]).toEqual([1, expect.stringContaining('failed its smoke test')]);
      expect(stderr).toContain('there is none to return to: what was deployed of it stays');
      const first = stage.newestVersion();
      expect(stage.history({ [first]: 'first' })).toEqual([{ first: 100 }]);

      stage.cloudflare.account.behave({});
      const again = await stage.deploy();
      expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { previous: first }]);
      expect(stage.history({ [first]: 'first', [stage.newestVersion()]: 'new' })).toEqual([
        { first: 100 },
        { first: 100, new: 0 },
        { new: 100 },
      ]);
    }),
  );

  it.concurrent(
    'gives a Worker the address that its first deployment failed to give it',
    on('model', async (stage) => {
      stage.cloudflare.fail('POST', /\/subdomain$/, 500, { times: Number.POSITIVE_INFINITY });
      const { code, stderr } = await stage.deploy();
      expect([code, stderr]).toEqual([1, expect.stringContaining('wrangler deploy')]);
      expect(stderr).toContain('there is none to return to: what was deployed of it stays');
      const first = stage.newestVersion();
      expect([stage.worker().workersDev, stage.history({ [first]: 'first' })]).toEqual([false, [{ first: 100 }]]);

      stage.cloudflare.heal();
      const again = await stage.deploy();
      expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { previous: first }]);
      expect([stage.worker().workersDev, stage.history({ [stage.newestVersion()]: 'new' }).at(-1)]).toEqual([
        true,
        { new: 100 },
      ]);
    }),
  );

  it.concurrent(
    'leaves a version without traffic where it fails, which takes secrets for the next deployment',
    on('dev', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      stage.cloudflare.account.behave({ live: false });
      expect((await stage.deploy()).code).toBe(1);

      const newSecret = SECRET.replace('very-secret', 'another-secret');
      const { code, stderr } = await stage.bootstrap(newSecret, '--replace-secrets');
      const advice = 'npx wrangler versions secret put NAME --env dev';
      expect([code, stderr]).toEqual([1, expect.stringContaining(advice)]);
      const [, ...args] = advice.replace('NAME', 'DATABASE_URL').split(' ');
      await stage.wrangler(args.slice(1), newSecret);
      expect(stage.history({ [old]: 'old' }).at(-1)).toEqual({ old: 100 });

      stage.cloudflare.account.behave({});
      const again = await stage.deploy();
      expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { previous: old }]);
      expect(stage.history({ [stage.newestVersion()]: 'new' }).at(-1)).toEqual({ new: 100 });
      const secretsOf = (id: string) =>
        stage.cloudflare.account.version(stage.worker(), id).secrets.get('DATABASE_URL');
      expect([secretsOf(old), secretsOf(stage.newestVersion())]).toEqual([SECRET, newSecret]);
    }),
  );

  it.concurrent(
    'deploys into an account that bootstrap prepared, also after it failed there',
    on(
      'dev',
      async (stage) => {
        const { account, edgeRequests } = stage.cloudflare;
        expect((await stage.bootstrap(SECRET)).code).toBe(0);
        // wrangler makes an empty Worker, and a second version of it with the secrets.
        const [empty = '', draft = ''] = stage.worker().versions.map(({ id }) => id);
        account.behave({ wrongPrediction: true });
        const failed = await stage.deploy();
        expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('failed its smoke test')]);
        expect(failed.stderr).toContain(
          `went back to version ${draft}; before, nothing answered at ${stage.cloudflare.url} either`,
        );
        expect(Array.from(account.queues.values(), ({ consumers }) => consumers)).toEqual([[], []]);
        const names = { [empty]: 'empty', [draft]: 'draft', [stage.newestVersion()]: 'failed' };
        expect(stage.history(names)).toEqual([
          { empty: 100 },
          { draft: 100 },
          { draft: 100, failed: 0 },
          { draft: 100 },
        ]);

        account.behave({});
        const { code, stdout, stderr } = await stage.deploy();
        expect([code, JSON.parse(stdout)]).toMatchObject([0, { previous: draft, migrations: [] }]);
        const deployed = { ...names, [stage.newestVersion()]: 'new' };
        expect(stage.history(deployed).slice(-2)).toEqual([{ draft: 100, new: 0 }, { new: 100 }]);
        expect(edgeRequests.at(-1)).toMatchObject({ version: stage.newestVersion(), status: 200 });

        const { versions, workersDev, schedules } = stage.worker();
        expect([workersDev, schedules]).toEqual([true, ['*/5 * * * *']]);
        expect(versions.at(-1)?.secrets).toEqual(secretsWith(SECRET));
        expect(Array.from(account.buckets).sort()).toEqual(['futurisys-dead-letters-dev', 'futurisys-models-dev']);
        const consumers = Array.from(account.queues.values(), ({ name, consumers: its }) => [
          name,
          its.map(({ script }) => script),
        ]);
        expect(consumers.sort()).toEqual([
          ['futurisys-predictions-dev', ['futurisys-dev']],
          ['futurisys-predictions-dev-dead', ['futurisys-dev']],
        ]);
        expect(failed.stdout + failed.stderr + stdout + stderr).not.toContain('very-secret');
      },
      openEmptyAccount,
    ),
  );

  it.concurrent(
    "takes the versions' public addresses away before it uploads one, and gives none by its own configuration",
    on('dev', async (stage) => {
      stage.deployedBefore();
      stage.worker().versionUrls = true;
      await stage.change();
      const dry = await stage.deploy(['--dry-run']);
      expect(JSON.parse(dry.stdout).plan[2]).toContain("Take the public addresses of futurisys-dev's versions away");
      expect(stage.worker().versionUrls).toBe(true);

      const { code, stderr } = await stage.deploy();
      expect([code, stderr]).toEqual([
        0,
        expect.stringContaining("taking the public addresses of futurisys-dev's versions away"),
      ]);
      expect(stage.writes().slice(0, 2)).toEqual(['POST /subdomain', expect.stringMatching(/^PATCH|^POST \/assets/)]);
      expect([stage.worker().workersDev, stage.worker().versionUrls]).toEqual([true, false]);
    }),
  );

  it.concurrent(
    'uploads nothing where Cloudflare leaves the versions their public addresses',
    on('dev', async (stage) => {
      const old = stage.deployedBefore();
      Object.defineProperty(stage.worker(), 'versionUrls', { get: () => true, set: () => undefined });
      await stage.change();
      const { code, stderr } = await stage.deploy();
      expect([code, stderr]).toEqual([1, expect.stringContaining('Settings, Domains & Routes, Version URLs, Disable')]);
      expect(stage.writes()).toEqual(['POST /subdomain']);
      expect(stage.history({ [old]: 'old' })).toEqual([{ old: 100 }]);
    }),
  );

  it.concurrent(
    'warns of a token that reaches prod, and takes one that is limited to its Worker',
    on('dev', async (stage) => {
      const { cloudflare } = stage;
      stage.deployedBefore();
      await stage.change();
      serve(cloudflare, 'futurisys-prod', 'v1');
      cloudflare.account.buckets.add('futurisys-dead-letters-prod');
      const queue = 'futurisys-predictions-prod';
      cloudflare.account.queues.set(queue, { id: queue, name: queue, consumers: [] });
      const wide = await stage.deploy(['--dry-run']);
      expect([wide.code, wide.stderr]).toEqual([
        0,
        expect.stringContaining(
          `Warning: CLOUDFLARE_API_TOKEN also reaches the Worker futurisys-prod, the bucket futurisys-dead-letters-prod, the queue ${queue}. Keep it out of GitHub's environment dev`,
        ),
      ]);

      cloudflare.fail('GET', /^\/r2\/buckets$/, 500, { times: Number.POSITIVE_INFINITY });
      const unknown = await stage.deploy(['--dry-run']);
      expect([unknown.code, unknown.stderr]).toEqual([
        0,
        expect.stringContaining('Warning: Nobody knows whether CLOUDFLARE_API_TOKEN reaches other environments.'),
      ]);

      cloudflare.heal();
      cloudflare.limitToken(/^futurisys-.*dev/);
      const narrow = await stage.deploy();
      expect([narrow.code, narrow.stderr]).toEqual([0, expect.not.stringContaining('Warning')]);

      cloudflare.limitToken(/^futurisys-.*prod/);
      const another = await stage.deploy();
      expect([another.code, another.stderr]).toEqual([
        1,
        expect.stringContaining('Is it the token of another environment? See docs/operations.md#tokens.'),
      ]);
    }),
  );

  it.concurrent(
    'says what it would do, and does nothing',
    on('dev', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      const { code, stdout } = await stage.deploy(['--dry-run']);
      expect([code, JSON.parse(stdout)]).toEqual([0, { dryRun: true, plan: expect.any(Array) }]);
      expect(JSON.parse(stdout).plan.join('\n')).toContain(`Deploy it at 0 % beside ${old} (now: ${old} 100 %)`);
      expect(stage.writes()).toEqual([]);
      expect(stage.cloudflare.edgeRequests).toEqual([]);
    }),
  );

  it.concurrent(
    'is refused without what it needs, with nothing changed',
    on('dev', async (stage) => {
      const refusal = async (env: Record<string, string> = {}) => {
        const { code, stderr } = await stage.deploy([], env);
        expect([code, stderr.includes('    at ')]).toEqual([1, false]);
        return stderr;
      };
      expect(await refusal({ DATABASE_URL: '' })).toContain("Not set in this command's environment: DATABASE_URL");
      const { enabled } = stage.cloudflare.account;
      enabled.subdomain = null;
      expect(await refusal()).toContain('It has no workers.dev subdomain');
      enabled.subdomain = 'acme';
      expect(await refusal()).toMatch(/no Worker futurisys-dev yet.*npm run bootstrap -- --env dev/);
      const newer = await stage.change();
      stage.deployedBefore();
      stage.project.git('reset', '--quiet', '--hard', 'HEAD~1');
      expect(await refusal()).toContain(`is older than ${newer}, which is deployed`);
      stage.worker().versions[0]?.secrets.clear();
      expect(await refusal()).toContain('futurisys-dev has no secret DATABASE_URL');
      stage.project.git('checkout', '--quiet', '-b', 'feature/x');
      expect(await refusal()).toContain('from the branch dev, and this is feature/x');
      expect(stage.writes()).toEqual([]);
    }),
  );

  it.concurrent(
    'shifts the traffic of prod in steps',
    on('prod', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      const s3 = await startLocalS3(['futurisys-models-prod']);
      const bucket = {
        R2_ENDPOINT_PROD: s3.url,
        R2_ACCESS_KEY_ID: s3.accessKeyId,
        R2_SECRET_ACCESS_KEY: s3.secretAccessKey,
      };
      const bare = await stage.deploy(['--model-version', 'latest'], { ...bucket, HF_MODEL_REPO: 'acme/attrition' });
      await s3.close();
      expect([bare.code, bare.stderr]).toEqual([
        1,
        expect.stringContaining('promote -- --from dev --to prod --before'),
      ]);
      expect([(await stage.deploy(['--activate'])).code, stage.writes()]).toEqual([2, []]);

      const { code, stderr } = await stage.deploy();
      expect([code, stderr]).toEqual([0, expect.stringContaining('giving it 50 % of the traffic')]);
      expect(stage.history({ [old]: 'old', [stage.newestVersion()]: 'new' })).toEqual([
        { old: 100 },
        { old: 100, new: 0 },
        { old: 90, new: 10 },
        { old: 50, new: 50 },
        { new: 100 },
      ]);
      // Of the twenty requests at 10 %, two reached it.
      expect(stage.cloudflare.edgeRequests.filter(({ percentage }) => percentage === 10)).toHaveLength(2);
    }),
  );

  const watchLong = ['--steps', '10,100', '--step-seconds', '60'];

  it.concurrent.each(['SIGINT', 'SIGTERM'] as const)('returns the traffic at a %s', (signal) =>
    on('model', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      const { child, finished } = stage.start(watchLong);
      await stage.reached(10);
      child.kill(signal);
      const { code, stderr } = await finished;
      expect([code, stderr]).toEqual([1, expect.stringContaining(`Stopped by ${signal}`)]);
      expect(stderr).toContain(`All traffic of model went back to version ${old}`);
      expect(stage.history({ [old]: 'old', [stage.newestVersion()]: 'new' })).toEqual([
        { old: 100 },
        { old: 100, new: 0 },
        { old: 90, new: 10 },
        { old: 100 },
      ]);
    })(),
  );

  it.concurrent(
    'returns the traffic at a SIGHUP, when nobody reads what it prints any more',
    on('model', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      const { child, finished } = stage.start(watchLong);
      await stage.reached(10);
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.kill('SIGHUP');
      expect((await finished).code).toBe(1);
      expect(stage.history({ [old]: 'old' }).at(-1)).toEqual({ old: 100 });
    }),
  );

  it.concurrent(
    'leaves the traffic to whoever shared it out while the code was uploaded',
    on('model', async (stage) => {
      const older = stage.deployedBefore();
      await stage.change();
      const { account } = stage.cloudflare;
      const { id: old } = upload(account, stage.worker(), 'old');
      account.deploy(stage.worker(), [{ version_id: old, percentage: 100 }]);
      const { finished } = stage.start();
      await vi.waitFor(() => expect(stage.writes()).toContain('POST /assets-upload-session'), 120_000);
      account.deploy(stage.worker(), [{ version_id: older, percentage: 100 }]);
      const { code, stderr } = await finished;
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('Somebody else shared the traffic of model out anew'),
      ]);
      expect(stage.history({ [older]: 'older', [old]: 'old' })).toEqual([{ older: 100 }, { old: 100 }, { older: 100 }]);
    }),
  );

  it.concurrent(
    'is replaced by the next one when it was killed',
    on('model', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      const { child, finished } = stage.start(watchLong);
      await stage.reached(10);
      child.kill('SIGKILL');
      await finished;
      const abandoned = stage.newestVersion();
      expect(stage.history({ [old]: 'old', [abandoned]: 'abandoned' }).at(-1)).toEqual({ old: 90, abandoned: 10 });

      const { code, stdout } = await stage.deploy();
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { previous: old }]);
      const names = { [old]: 'old', [abandoned]: 'abandoned', [stage.newestVersion()]: 'new' };
      expect(stage.history(names).slice(-3)).toEqual([{ old: 90, abandoned: 10 }, { old: 100, new: 0 }, { new: 100 }]);
    }),
  );
});

/** Adds a migration that Postgres refuses, as drizzle-kit would have written it. */
async function breakMigrations(stage: Stage): Promise<void> {
  await stage.project.write(
    'migrations/0099_broken.sql',
    'CREATE TABLE "later" ("id" integer);\n--> statement-breakpoint\nSELECT no_such_function();\n',
  );
  const journal = JSON.parse(stage.project.git('show', 'HEAD:migrations/meta/_journal.json'));
  journal.entries.push({ idx: 99, version: '7', when: Date.now(), tag: '0099_broken', breakpoints: true });
  await stage.project.write('migrations/meta/_journal.json', JSON.stringify(journal));
  stage.project.commit('feat: a migration');
}

type Bucket = NonNullable<ReturnType<LocalS3['buckets']['get']>>;

/** A Hub that has the model's version 1.0.2, the empty bucket of the environment model, and where both are, for a deploy. */
async function withPublishedModel(test: (env: Record<string, string>, bucket: Bucket) => Promise<void>): Promise<void> {
  const hub = await startLocalHub({ tokens: { hf_writer: { role: 'write', user: 'acme' } } });
  const s3 = await startLocalS3(['futurisys-models-model']);
  try {
    await publish({ repo: 'acme/attrition', type: 'model', url: hub.url, accessToken: 'hf_writer' });
    const env = {
      HF_ENDPOINT: hub.url,
      HF_MODEL_REPO: 'acme/attrition',
      HF_TOKEN: 'hf_writer',
      R2_ENDPOINT: s3.url,
      R2_ACCESS_KEY_ID: s3.accessKeyId,
      R2_SECRET_ACCESS_KEY: s3.secretAccessKey,
    };
    await test(env, s3.buckets.get('futurisys-models-model') ?? new Map());
  } finally {
    await hub.close();
    await s3.close();
  }
}

function pointerTo(version: string, action: ActivePointer['action']): ActivePointer {
  return {
    name: 'technova-attrition',
    version,
    contractSha256: 'a'.repeat(64),
    graphSha256: 'b'.repeat(64),
    action,
    activatedAt: '2026-11-01T00:00:00.000Z',
    activatedBy: 'somebody',
    reason: '',
    from: null,
  };
}

async function publish(hub: Hub): Promise<void> {
  await ensureRepo(hub);
  const files = await Promise.all(
    MODEL_FILES.map(async (path) => ({ path, bytes: await readFile(join('model', path)) })),
  );
  await createTag(hub, 'model-v1.0.2', await commitFiles(hub, '1.0.2', files, noProgressBar), '1.0.2');
}
