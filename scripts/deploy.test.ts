import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { MODEL_FILES } from '../common/model-version.ts';
import { commitFiles, createTag, ensureRepo, type Hub } from './lib/hub.ts';
import { applyMigrations } from './lib/migrations.ts';
import type { Environment } from './lib/open-store.ts';
import { noProgressBar } from './lib/progress-bar.ts';
import { openStage, SECRET, type Stage } from './test/cloudflare/stage.ts';
import { startLocalHub } from './test/hub/local-hub.ts';
import { startLocalS3 } from './test/s3/local-s3.ts';

// Nearly all the time goes into starting wrangler: two at a time, for two cores.
vi.setConfig({ maxConcurrency: 2, testTimeout: 180_000 });

/** A test on a stage of its own. */
const on = (environment: Environment, test: (stage: Stage) => Promise<void>) => async () => {
  const stage = await openStage(environment);
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
      const hub = await startLocalHub({ tokens: { hf_writer: { role: 'write', user: 'acme' } } });
      const s3 = await startLocalS3(['futurisys-models-model']);
      const keys = { R2_ENDPOINT: s3.url, R2_ACCESS_KEY_ID: s3.accessKeyId, R2_SECRET_ACCESS_KEY: s3.secretAccessKey };
      try {
        await publish({ repo: 'acme/attrition', type: 'model', url: hub.url, accessToken: 'hf_writer' });
        const first = await stage.deploy(['--model-version', '1.0.0', '--wait', '5'], {
          ...keys,
          HF_ENDPOINT: hub.url,
          HF_MODEL_REPO: 'acme/attrition',
          HF_TOKEN: 'hf_writer',
        });
        expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('creating the Worker')]);
        expect(JSON.parse(first.stdout)).toMatchObject({
          commit,
          version: stage.newestVersion(),
          previous: null,
          migrations: [],
          model: { version: '1.0.0', stored: true, activated: true },
        });
        expect(String(s3.buckets.get('futurisys-models-model')?.get('channels/active.json')?.bytes)).toContain(commit);
      } finally {
        await hub.close();
        await s3.close();
      }
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
        migrations: [expect.stringMatching(/^0000_/)],
        steps: [{ percentage: 100, requests: 20, errors: 0 }],
      });
      expect(stage.history({ [old]: 'old', [version]: 'new' })).toEqual([
        { old: 100 },
        { old: 100, new: 0 },
        { new: 100 },
      ]);
      expect(await applyMigrations(stage.databaseUrl)).toEqual([]);
      expect(stage.writes().filter((path) => !path.includes('script-settings'))).toEqual([
        'POST /versions',
        'POST /deployments',
        'POST /deployments',
        'POST /subdomain',
        'PUT /schedules',
        'POST /queues/futurisys-predictions-dev/consumers',
        'POST /queues/futurisys-predictions-dev-dead/consumers',
      ]);
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
      expect(await refusal()).toMatch(/no Worker futurisys-dev yet.*npm run bootstrap -- --env dev/);
      stage.deployedBefore();
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

  it.concurrent(
    'returns the traffic when it is interrupted',
    on('model', async (stage) => {
      const old = stage.deployedBefore();
      await stage.change();
      const { child, finished } = stage.start(watchLong);
      await stage.reached(10);
      child.kill('SIGINT');
      const { code, stderr } = await finished;
      expect([code, stderr]).toEqual([1, expect.stringContaining('Stopped by SIGINT')]);
      expect(stage.history({ [old]: 'old' }).at(-1)).toEqual({ old: 100 });
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

async function publish(hub: Hub): Promise<void> {
  await ensureRepo(hub);
  const files = await Promise.all(
    MODEL_FILES.map(async (path) => ({ path, bytes: await readFile(join('model', path)) })),
  );
  await createTag(hub, 'model-v1.0.0', await commitFiles(hub, '1.0.0', files, noProgressBar), '1.0.0');
}
