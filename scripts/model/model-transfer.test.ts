import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MODEL_FILES } from '../../common/contract/model-version.ts';
import type { BinaryContract } from '../../common/test/binary.ts';
import { callScript } from '../../tests/kit/call-script.ts';
import { makeModelFolder } from '../../tests/kit/model-folders.ts';
import { runScript, startScript } from '../../tests/kit/run-script.ts';
import { type LocalHub, startLocalHub } from '../../tests/stand-ins/hub/local-hub.ts';
import { type LocalS3, startLocalS3 } from '../../tests/stand-ins/s3/local-s3.ts';
import { commitFiles, createTag, ensureRepo, type Hub } from '../lib/model/hub.ts';
import { makeSigningKey } from '../lib/model/signing.ts';
import { noProgressBar } from '../lib/progress-bar.ts';

const WRITER = `hf_${'w'.repeat(8)}`;
const READER = `hf_${'r'.repeat(8)}`;
const REPO = 'acme/attrition';
const KEYS = `models/technova-attrition`;

let directory: string;
let hub: LocalHub;
let s3: LocalS3;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'transfer-'));
  hub = await startLocalHub({
    tokens: { [WRITER]: { role: 'write', user: 'acme' }, [READER]: { role: 'read', user: 'guest' } },
  });
  s3 = await startLocalS3(['futurisys-models-dev', 'futurisys-models-prod']);
});
afterEach(async () => {
  await hub.close();
  await s3.close();
  await rm(directory, { recursive: true });
});

const environment = () => ({
  HF_ENDPOINT: hub.url,
  HF_MODEL_REPO: REPO,
  HF_TOKEN: WRITER,
  R2_ENDPOINT: s3.url,
  R2_ACCESS_KEY_ID: s3.accessKeyId,
  R2_SECRET_ACCESS_KEY: s3.secretAccessKey,
});
const publish = (folder: string, env = {}, ...options: string[]) =>
  callScript('publish-model', ['--model', folder, '--json', ...options], { ...environment(), ...env });
const mirrorOptions = ['--env', 'dev', '--remote', '--json'];
const mirror = (env = {}, ...options: string[]) =>
  callScript('mirror-model', [...mirrorOptions, '--data', directory, ...options], { ...environment(), ...env });
const bucket = () => s3.buckets.get('futurisys-models-dev') ?? new Map();
const commits = () =>
  hub.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/commit/main')).length;

/** Publishes what publish-model would refuse: a folder as it is. */
async function publishUnchecked(folder: string, version: string): Promise<void> {
  const target: Hub = { repo: REPO, type: 'model', url: hub.url, accessToken: WRITER };
  await ensureRepo(target);
  const files = await Promise.all(
    MODEL_FILES.map(async (path) => ({ path, bytes: await readFile(join(folder, path)) })),
  );
  await createTag(target, `model-v${version}`, await commitFiles(target, version, files, noProgressBar), version);
}

describe('publish-model', () => {
  it('publishes a version once, and refuses other content under its number', async () => {
    const folder = await makeModelFolder(directory, '1.0.0');
    const first = await runScript('publish-model', ['--model', folder, '--json'], environment());
    expect([first.code, JSON.parse(first.stdout)]).toEqual([
      0,
      { published: true, tag: 'model-v1.0.0', commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
    ]);
    const again = await publish(folder);
    expect(JSON.parse(again.stdout)).toEqual({ ...JSON.parse(first.stdout), published: false });
    expect(commits()).toBe(1);

    await makeModelFolder(directory, '1.0.0', ({ output }) => {
      output.threshold = 0.5;
    });
    const other = await publish(folder);
    expect((await publish(folder, {}, '--dry-run')).code).toBe(1);
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining('model-v1.0.0 already, with other content (contract.json)'),
    ]);
    expect(commits()).toBe(1);
  });

  it('publishes nothing under the tag of another version', async () => {
    const folder = await makeModelFolder(directory, '1.0.0');
    const { code, stderr } = await publish(folder, {}, '--tag', 'model-v1.1.0');
    expect([code, stderr]).toEqual([1, expect.stringContaining('whose tag is model-v1.0.0, not model-v1.1.0')]);
    expect(hub.requests).toEqual([]);
    const done = await publish(folder, {}, '--tag', 'model-v1.0.0');
    expect([done.code, JSON.parse(done.stdout)]).toMatchObject([0, { published: true, tag: 'model-v1.0.0' }]);
  });

  it('completes a publication that was stopped before its tag', async () => {
    const folder = await makeModelFolder(directory, '1.0.0');
    hub.fail({ method: 'POST', path: /\/tag\//, status: 500, times: Number.POSITIVE_INFINITY });
    const stopped = await publish(folder);
    expect([stopped.code, stopped.stderr]).toEqual([
      1,
      expect.stringContaining('Tagging model-v1.0.0 failed: the Hub answered 500'),
    ]);
    hub.heal();
    expect(JSON.parse((await publish(folder)).stdout)).toMatchObject({ published: true });
    expect(commits()).toBe(1);
  });

  it('publishes nothing in a dry run, nor with a model that fails its own golden cases', async () => {
    const folder = await makeModelFolder(directory, '1.0.0');
    expect(JSON.parse((await publish(folder, {}, '--dry-run')).stdout)).toEqual({
      published: false,
      tag: 'model-v1.0.0',
    });
    expect(hub.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    const wrong = await makeModelFolder(directory, '1.0.2', shiftFirstGoldenCase);
    const refused = await publish(wrong);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('1 of 253 golden cases and examples')]);
    expect(hub.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it.each([
    ['a token that expired', `hf_${'x'.repeat(8)}`, 'the Hub refused the token (401)'],
    ['a token that may only read', READER, '(403)'],
    ['no token', '', 'HF_TOKEN'],
  ])('says what is wrong with %s', async (_title, HF_TOKEN, said) => {
    const { code, stderr } = await publish(await makeModelFolder(directory, '1.0.0'), { HF_TOKEN });
    expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
    expect(stderr).not.toContain('    at ');
  });
});

describe('a signature', () => {
  const activate = (env: Record<string, string>, version: string) =>
    callScript('activate', ['--env', 'dev', '--version', version, '--reason', 'test', '--remote', '--json'], {
      ...environment(),
      ...env,
    });

  it('is published, mirrored and asked for with the version, and follows the key', async () => {
    const [one, two] = [await makeSigningKey('one'), await makeSigningKey('two')];
    const byOne = { MODEL_SIGNING_KEY: one.privateKey };
    const folder = await makeModelFolder(directory, '1.0.0');
    expect((await publish(folder, byOne)).code).toBe(0);
    expect(JSON.parse((await publish(folder, byOne)).stdout)).toMatchObject({ published: false });
    // The version stays signed as it was.
    const again = await callScript('publish-model', ['--model', folder], {
      ...environment(),
      MODEL_SIGNING_KEY: two.privateKey,
    });
    expect(again.stdout).toContain('has model-v1.0.0 already, with this content, signed otherwise.');

    const other = await mirror({ MODEL_SIGNING_KEYS: two.publicKey });
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining('1.0.0 may not serve: it is signed by the key "one", and not by "two"'),
    ]);
    expect(bucket().size).toBe(0);
    const keys = { MODEL_SIGNING_KEYS: `${two.publicKey} ${one.publicKey}` };
    expect((await mirror(keys)).code).toBe(0);
    expect(bucket().has(`${KEYS}/1.0.0/signature.json`)).toBe(true);
    expect((await activate({ MODEL_SIGNING_KEYS: two.publicKey }, '1.0.0')).code).toBe(1);
    expect(bucket().has('channels/active.json')).toBe(false);
    expect((await activate(keys, '1.0.0')).code).toBe(0);

    // What was signed stays no longer where the next version is not.
    const unsigned = await makeModelFolder(directory, '1.1.0');
    expect((await publish(unsigned)).code).toBe(0);
    const refused = await mirror(keys);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('it has no signature.json')]);
    expect((await mirror()).stderr).toContain('MODEL_SIGNING_KEYS names no key');
    const active = bucket().get('channels/active.json');
    const late = await activate(keys, '1.1.0');
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('Publish it under a new version number')]);
    expect(bucket().get('channels/active.json')).toBe(active);
    const raise = await callScript('publish-model', ['--model', unsigned], { ...environment(), ...byOne });
    expect(raise.stdout).toContain('raise the version in contract.json');
  });
});

describe('mirror-model', () => {
  it('takes a folder of this machine into the local R2, and into no other one', async () => {
    const local = (...options: string[]) =>
      callScript('mirror-model', ['--env', 'dev', '--json', '--data', directory, '--from', 'model', ...options]);
    const { version } = JSON.parse(await readFile('model/contract.json', 'utf8'));
    const stored = await local();
    expect([stored.code, JSON.parse(stored.stdout)]).toMatchObject([0, { stored: true, version, tag: null }]);
    expect(await local('--version', '9.0.0')).toMatchObject({ code: 2, stderr: expect.stringContaining('not 9.0.0') });
    expect(await local('--remote')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('npm run publish-model'),
    });
  });

  beforeEach(async () => {
    for (const version of ['1.0.0', '1.10.0', '1.9.0']) {
      await publishUnchecked(await makeModelFolder(directory, version), version);
    }
  });

  it('copies the newest version, byte for byte, and finds it there the next time', async () => {
    const first = await runScript('mirror-model', [...mirrorOptions, '--data', directory], environment());
    expect([first.code, JSON.parse(first.stdout)]).toEqual([
      0,
      expect.objectContaining({ stored: true, version: '1.10.0', tag: 'model-v1.10.0' }),
    ]);
    for (const file of MODEL_FILES) {
      expect(
        bucket()
          .get(`${KEYS}/1.10.0/${file}`)
          ?.bytes.equals(await readFile(join(directory, '1.10.0', file))),
      ).toBe(true);
    }
    expect(JSON.parse((await mirror()).stdout)).toMatchObject({ stored: false, version: '1.10.0' });
    expect(JSON.parse((await mirror({}, '--version', '1.0.0')).stdout)).toMatchObject({
      stored: true,
      version: '1.0.0',
    });
    expect(bucket().has('channels/active.json')).toBe(false);
  });

  it('stores nothing in a dry run', async () => {
    expect((await mirror({}, '--dry-run')).code).toBe(0);
    expect(bucket().size).toBe(0);
  });

  it('goes on where a run stopped whose connection broke again and again', async () => {
    hub.cutAfter(/^\/cdn\/.*model\.onnx$/, 10_000, Number.POSITIVE_INFINITY);
    const failed = await mirror();
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('Downloading model.onnx failed')]);
    expect(bucket().size).toBe(0);
    // A broken connection may lose bytes that the Hub has sent: what is on disk says where the next run goes on.
    const files = await readdir(directory, { recursive: true });
    const parts = files.filter((file) => file.endsWith('model.onnx.part'));
    const [left] = await Promise.all(parts.map((file) => stat(join(directory, file))));
    expect(left?.size).toBeGreaterThanOrEqual(10_000);
    hub.heal();
    const before = hub.requests.length;
    expect(JSON.parse((await mirror()).stdout)).toMatchObject({ stored: true });
    const starts = hub.requests
      .slice(before)
      .flatMap(({ path, range }) => (/^\/cdn\/.*model\.onnx$/.test(path) ? [range?.match(/bytes=(\d+)-/)?.[1]] : []));
    expect(starts).toContain(String(left?.size));
  });

  it.each([0, 1, 2, 3])(
    'completes a version after a kill behind %i stored objects, never showing a part as whole',
    async (n) => {
      s3.delay(200);
      const running = startScript('mirror-model', [...mirrorOptions, '--data', directory], environment());
      const puts = () => s3.requests.filter(({ method }) => method === 'PUT').length;
      await vi.waitFor(() => expect(puts() + (n === 0 ? s3.requests.length : 0)).toBeGreaterThan(n === 0 ? 0 : n - 1), {
        timeout: 30_000,
        interval: 5,
      });
      running.child.kill('SIGKILL');
      await running.finished;
      expect(bucket().has(`${KEYS}/1.10.0/manifest.json`)).toBe(false);
      s3.delay(0);
      expect((await mirror()).code).toBe(0);
      expect(bucket().has(`${KEYS}/1.10.0/manifest.json`)).toBe(true);
      for (const file of MODEL_FILES) {
        expect(
          bucket()
            .get(`${KEYS}/1.10.0/${file}`)
            ?.bytes.equals(await readFile(join(directory, '1.10.0', file))),
        ).toBe(true);
      }
    },
  );

  it('completes a version whose storing failed midway, which meanwhile cannot be activated', async () => {
    s3.fail('PUT', /contract\.json$/, 500, 100);
    const failed = await mirror();
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('contract.json')]);
    expect(Array.from(bucket().keys())).toEqual([`${KEYS}/1.10.0/model.onnx`]);
    const refused = await callScript(
      'activate',
      ['--env', 'dev', '--version', '1.10.0', '--reason', 'test', '--remote'],
      environment(),
    );
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('Version 1.10.0 is not in the R2 bucket'),
    ]);
    s3.heal();
    expect(JSON.parse((await mirror()).stdout)).toMatchObject({ stored: true });
  });

  it('never replaces other bytes', async () => {
    await mirror();
    const key = `${KEYS}/1.10.0/README.md`;
    const stored = bucket().get(key);
    bucket().set(key, { ...stored, bytes: Buffer.from('other') });
    const refused = await mirror();
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('a stored version never changes')]);
    expect(bucket().get(key)?.bytes.toString()).toBe('other');
  });

  // How long it waits is in retrying-fetch.test.ts.
  it('asks again where the Hub asks to slow down, and succeeds', async () => {
    hub.fail({ path: /model\.onnx$/, status: 429, times: 2, retryAfter: 0 });
    const before = hub.requests.length;
    expect((await mirror()).code).toBe(0);
    const asked = hub.requests.slice(before).filter(({ path }) => path.endsWith('model.onnx'));
    expect(asked.slice(0, 3).map(({ status }) => status === 429)).toEqual([true, true, false]);
  });

  const broken: [title: string, arrange: () => unknown, options: string[], said: string][] = [
    ['a tampered download', () => hub.corrupt(/^\/cdn\/.*model\.onnx$/), [], 'is not the file that the Hub lists'],
    [
      'a download that is silently short',
      () => hub.truncate(/^\/cdn\/.*model\.onnx$/, 1000),
      [],
      'the connection ended early',
    ],
    [
      'a Hub that fails for ever',
      () => hub.fail({ path: /./, status: 500, times: Number.POSITIVE_INFINITY }),
      [],
      'the Hub answered 500, again and again',
    ],
    [
      'a missing tag',
      () => undefined,
      ['--version', '3.0.0'],
      'no tag model-v3.0.0. Published versions: 1.0.0, 1.9.0, 1.10.0',
    ],
    [
      'a wrong digest in the contract',
      () =>
        publishChanged('2.0.0', ({ graph }) => {
          graph.sha256 = 'f'.repeat(64);
        }),
      [],
      'is not the graph that its contract describes',
    ],
    [
      'a golden case that is off by 1e-3',
      () => publishChanged('2.0.0', shiftFirstGoldenCase),
      [],
      '1 of 253 golden cases and examples of technova-attrition 2.0.0 failed',
    ],
    [
      'a parity report that failed',
      () =>
        publishChanged('2.0.0', ({ parity }) => {
          parity.labelFlips = 1;
        }),
      [],
      'The parity report of technova-attrition 2.0.0 failed',
    ],
    [
      'a tag on another version',
      () =>
        publishChanged('2.0.0', (contract) => {
          contract.version = '2.1.0';
        }),
      [],
      'holds version 2.1.0, not 2.0.0',
    ],
  ];
  it.each(broken)(
    'stores nothing of %s, and leaves the active version alone',
    async (_title, arrange, options, said) => {
      const pointer = { bytes: Buffer.from('{}'), etag: '"e"', contentType: 'application/json' };
      bucket().set('channels/active.json', pointer);
      await arrange();
      const { code, stderr, stdout } = await mirror({}, ...options);
      expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
      expect(JSON.parse(stdout).error).toContain(said);
      expect(stderr).not.toContain('    at ');
      expect(Array.from(bucket().entries())).toEqual([['channels/active.json', pointer]]);
    },
  );

  it.each([
    ['an expired token', { HF_TOKEN: `hf_${'x'.repeat(8)}` }, 'the Hub refused the token (401)'],
    ['a repository that does not exist', { HF_MODEL_REPO: 'acme/other' }, 'acme/other'],
    ['a Hub that cannot be reached', { HF_ENDPOINT: 'http://127.0.0.1:9' }, 'http://127.0.0.1:9'],
    ['missing R2 credentials', { R2_ACCESS_KEY_ID: '' }, 'R2_ACCESS_KEY_ID is not set'],
  ])('says what to do about %s', async (_title, env, said) => {
    const { code, stderr } = await mirror(env);
    expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
    expect(bucket().size).toBe(0);
  });

  async function publishChanged(version: string, change: (contract: BinaryContract) => void): Promise<void> {
    await publishUnchecked(await makeModelFolder(directory, version, change), version);
  }
});

function shiftFirstGoldenCase({ golden: [first] }: BinaryContract): void {
  if (first) first.probability += first.probability > 0.5 ? -1e-3 : 1e-3;
}
