import { createHash } from 'node:crypto';
import {
  checkRepoAccess,
  commit,
  countCommits,
  createBranch,
  createRepo,
  deleteBranch,
  deleteFile,
  deleteRepo,
  downloadFile,
  fileDownloadInfo,
  fileExists,
  HubApiError,
  type ListFileEntry,
  listCommits,
  listFiles,
  modelInfo,
  pathsInfo,
  repoExists,
  spaceInfo,
  uploadFiles,
  uploadFilesWithProgress,
  whoAmI,
} from '@huggingface/hub';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../kit/local-stack.ts';
import { startScript } from '../../kit/run-script.ts';
import { hashObject, hashTrees, lfsPointer } from './git-objects.ts';
import { type LocalHub, startLocalHub } from './local-hub.ts';

// Made at run time, so that nothing here looks like a secret.
const WRITER = `hf_${'w'.repeat(8)}`;
const READER = `hf_${'r'.repeat(8)}`;
const STRANGER = `hf_${'s'.repeat(8)}`;
const REPO = 'acme/attrition';
const GRAPH = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 251));
const CONTRACT = '{"name":"attrition"}\n';

let hub: LocalHub;
/** What every call of the client needs: the Hub, a token, no Xet. */
let writer: { hubUrl: string; accessToken: string };
let reader: { hubUrl: string; accessToken: string };

beforeEach(async () => {
  hub = await startLocalHub({
    tokens: {
      [WRITER]: { role: 'write', user: 'ada', namespaces: ['ada', 'acme'] },
      [READER]: { role: 'read', user: 'bob', namespaces: ['acme'] },
      [STRANGER]: { role: 'write', user: 'eve', namespaces: ['eve'] },
    },
    pageSize: 3,
  });
  writer = { hubUrl: hub.url, accessToken: WRITER };
  reader = { hubUrl: hub.url, accessToken: READER };
});

afterEach(() => hub.close());

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Uploads; returns the commit's sha. */
async function upload(
  files: Record<string, string | Uint8Array<ArrayBuffer>>,
  options: { parentCommit?: string } = {},
) {
  const contents = Object.entries(files).map(([path, content]) => ({ path, content: new Blob([content]) }));
  const done = await uploadFiles({ ...writer, repo: REPO, files: contents, useXet: false, ...options });
  return done?.commit.oid ?? '';
}

async function tag(name: string, revision: string, accessToken = WRITER, method = 'POST'): Promise<Response> {
  const last = encodeURIComponent(method === 'POST' ? revision : name);
  return fetch(`${hub.url}/api/models/${REPO}/tag/${last}`, {
    method,
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: JSON.stringify({ tag: name, message: `version ${name}` }) } : {}),
  });
}

function download(path: string, revision = 'main') {
  return downloadFile({ ...reader, repo: REPO, path, revision, xet: false });
}

async function bytesOf(blob: Blob | null): Promise<Buffer> {
  if (!blob) throw new Error('the file is missing');
  return Buffer.from(await blob.arrayBuffer());
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

type Listing = { repo?: string; path?: string; revision?: string; recursive?: boolean; expand?: boolean };

function list(options: Listing = {}): Promise<ListFileEntry[]> {
  return collect(listFiles({ ...reader, repo: REPO, recursive: true, ...options }));
}

/** The client's error, which must be one. */
async function refusal(work: Promise<unknown>): Promise<HubApiError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HubApiError)) throw new Error('expected a HubApiError', { cause: error });
  return error;
}

describe('git objects', () => {
  it('are named as the real Hub and git name them', () => {
    // google-bert/bert-base-uncased at dd4bc8b2, as the client's tests assert it.
    const sha = '097417381d6c7230bd9e3557456d726de6e83245ec8b24f529f60198a67b203a';
    const pointer = lfsPointer({ sha256: sha, size: 440473133 });
    expect(pointer.length).toBe(134);
    expect(hashObject('blob', pointer)).toBe('ba5d19791be1dd7992e33bd61f20207b0f7f50a5');

    // `git hash-object`, `git rev-parse HEAD:` and `HEAD:a` for these files; `a.txt` sorts before the directory `a`.
    const hello = hashObject('blob', Buffer.from('hello\n'));
    expect(hello).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
    const oids = hashTrees([
      ['a/b/c.txt', hello],
      ['a/d.txt', hello],
      ['a.txt', hello],
    ]);
    expect(oids.get('')).toBe('e31c126771d97b65cbbc755a0757a485207382db');
    expect(oids.get('a')).toBe('cf7e47757755a89eb52945d8aef10154ac5d825c');
  });
});

describe('accounts and repositories', () => {
  it('says who the token is', async () => {
    expect(await whoAmI(writer)).toMatchObject({
      type: 'user',
      name: 'ada',
      orgs: [{ name: 'acme' }],
      auth: { accessToken: { role: 'write', createdAt: expect.any(Date) } },
    });
    expect((await refusal(whoAmI({ hubUrl: hub.url, accessToken: 'hf_unknown' }))).statusCode).toBe(401);
  });

  it('creates a repository once, and deletes it', async () => {
    expect(await repoExists({ ...writer, repo: REPO })).toBe(false);
    expect(await createRepo({ ...writer, repo: REPO, license: 'mit' })).toMatchObject({
      repoUrl: `${hub.url}/${REPO}`,
    });
    expect(await repoExists({ ...writer, repo: REPO })).toBe(true);
    expect((await list()).map(({ path }) => path)).toEqual(['.gitattributes', 'README.md']);

    const again = await refusal(createRepo({ ...writer, repo: REPO }));
    expect(again).toMatchObject({ statusCode: 409, requestId: expect.stringContaining('local-') });
    expect(again.message).toContain('already created');

    await deleteRepo({ ...writer, repo: REPO });
    expect(await repoExists({ ...writer, repo: REPO })).toBe(false);
  });

  it('creates a static Space with its files, apart from the model of the same name', async () => {
    const files = [{ path: 'index.html', content: new Blob(['<p>Hello']) }];
    const repo = { type: 'space', name: REPO } as const;
    await createRepo({ ...writer, repo, sdk: 'static', files });
    expect(await repoExists({ ...writer, repo: REPO })).toBe(false);

    const uploaded = await uploadFiles({
      ...writer,
      repo,
      useXet: false,
      files: [{ path: 'assets/ort.wasm', content: new Blob([GRAPH]) }],
    });
    const info = await spaceInfo({ ...reader, name: REPO, additionalFields: ['sha'] });
    expect(info).toMatchObject({ name: REPO, sdk: 'static', private: false, sha: uploaded?.commit.oid });
    const page = await downloadFile({ ...reader, repo, path: 'index.html', xet: false });
    expect(await page?.text()).toBe('<p>Hello');
    const wasm = await downloadFile({ ...reader, repo, path: 'assets/ort.wasm', xet: false });
    expect((await bytesOf(wasm)).equals(GRAPH)).toBe(true);
  });

  it('hides a private repository from those who may not read it', async () => {
    await createRepo({ ...writer, repo: REPO, visibility: 'private' });
    await checkRepoAccess({ ...reader, repo: REPO });
    const anonymous = await refusal(checkRepoAccess({ hubUrl: hub.url, repo: REPO }));
    expect(anonymous.statusCode).toBe(401);
    const stranger = await refusal(checkRepoAccess({ ...reader, accessToken: STRANGER, repo: REPO }));
    expect(stranger.statusCode).toBe(404);
  });
});

describe('commits', () => {
  beforeEach(() => createRepo({ ...writer, repo: REPO }));

  it('stores an LFS and a regular file, and lists them with their hashes', async () => {
    const sha = await upload({ 'onnx/model.onnx': GRAPH, 'contract.json': CONTRACT });
    expect(sha).toMatch(/^[0-9a-f]{40}$/);
    const entries = new Map((await list()).map((entry) => [entry.path, entry]));
    expect([...entries.keys()].sort()).toEqual(['.gitattributes', 'contract.json', 'onnx', 'onnx/model.onnx']);
    expect(hub.requests.filter(({ path }) => path.includes('/tree/'))).toHaveLength(2);
    expect(entries.get('onnx')).toMatchObject({ type: 'directory', size: 0 });
    expect(entries.get('contract.json')).toEqual({
      type: 'file',
      path: 'contract.json',
      size: CONTRACT.length,
      oid: hashObject('blob', Buffer.from(CONTRACT)),
    });
    const pointer = lfsPointer({ sha256: sha256(GRAPH), size: GRAPH.length });
    expect(entries.get('onnx/model.onnx')).toEqual({
      type: 'file',
      path: 'onnx/model.onnx',
      size: GRAPH.length,
      oid: hashObject('blob', pointer),
      lfs: { oid: sha256(GRAPH), size: GRAPH.length, pointerSize: pointer.length },
    });
    expect((await list({ path: 'onnx', recursive: false })).map(({ path }) => path)).toEqual(['onnx/model.onnx']);
    expect((await list({ expand: true, path: 'onnx' }))[0]?.lastCommit?.id).toBe(sha);

    const infos = await pathsInfo({ ...reader, repo: REPO, paths: ['contract.json', 'missing', 'onnx'], expand: true });
    expect(infos.map(({ path, type }) => [path, type])).toEqual([
      ['contract.json', 'file'],
      ['onnx', 'directory'],
    ]);
    expect(infos[0]?.lastCommit.id).toBe(sha);
  });

  it('uploads an object once', async () => {
    await upload({ 'model.onnx': GRAPH });
    await upload({ 'copy.onnx': GRAPH });
    expect(hub.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
    expect((await bytesOf(await download('copy.onnx'))).equals(GRAPH)).toBe(true);
  });

  it('takes a large or binary file to LFS whatever its name', async () => {
    await upload({ 'big.txt': Buffer.alloc(10 * 1024 * 1024 + 1, 'a'), 'binary.dat': Buffer.from([1, 0, 2]) });
    const kinds = (await list()).map(({ path, lfs }) => [path, lfs !== undefined]);
    expect(kinds).toEqual([
      ['.gitattributes', false],
      ['big.txt', true],
      ['binary.dat', true],
    ]);
  });

  it('keeps a history, of which every commit stays as it was', async () => {
    const first = await upload({ 'model.onnx': GRAPH, 'contract.json': 'one' });
    const second = await upload({ 'contract.json': 'two' }, { parentCommit: first });
    const third = (await deleteFile({ ...writer, repo: REPO, path: 'contract.json' }))?.commit.oid;
    expect(await (await download('contract.json', first))?.text()).toBe('one');
    expect(await (await download('contract.json', second))?.text()).toBe('two');
    expect(await download('contract.json')).toBeNull();

    const commits = await collect(listCommits({ ...reader, repo: REPO }));
    expect(commits.map(({ oid }) => oid).slice(0, 3)).toEqual([third, second, first]);
    expect(commits.at(-1)).toMatchObject({ title: 'initial commit', authors: [{ username: 'ada' }] });
    expect(await countCommits({ ...reader, repo: REPO })).toBe(4);
    const expanded = await list({ expand: true });
    expect(expanded.find(({ path }) => path === 'model.onnx')?.lastCommit?.id).toBe(first);
  });

  it('refuses a commit whose parent is no longer the head', async () => {
    const first = await upload({ 'contract.json': 'one' });
    const second = await upload({ 'contract.json': 'two' });
    const conflict = await refusal(upload({ 'contract.json': 'three' }, { parentCommit: first }));
    expect(conflict.statusCode).toBe(412);
    expect((await modelInfo({ ...reader, name: REPO, additionalFields: ['sha'] })).sha).toBe(second);
  });

  it('lets only one of two simultaneous commits on a parent win', async () => {
    const parentCommit = await upload({ 'contract.json': 'one' });
    const results = await Promise.allSettled([
      upload({ 'contract.json': 'two' }, { parentCommit }),
      upload({ 'contract.json': 'three' }, { parentCommit }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses an LFS file that was not uploaded, and an upload of other bytes', async () => {
    const lines = [
      { key: 'header', value: { summary: 'forged' } },
      { key: 'lfsFile', value: { path: 'model.onnx', algo: 'sha256', oid: sha256(GRAPH), size: GRAPH.length } },
    ];
    const headers = { authorization: `Bearer ${WRITER}`, 'content-type': 'application/x-ndjson' };
    const forged = await fetch(`${hub.url}/api/models/${REPO}/commit/main`, {
      method: 'POST',
      headers,
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    });
    expect(forged.status).toBe(400);
    expect(await fileExists({ ...reader, repo: REPO, path: 'model.onnx' })).toBe(false);

    const other = Buffer.from(GRAPH).fill(1, 0, 10);
    const swap: typeof fetch = (input, init) => fetch(input, init?.method === 'PUT' ? { ...init, body: other } : init);
    const operations = [{ operation: 'addOrUpdate', path: 'model.onnx', content: new Blob([GRAPH]) } as const];
    const work = commit({ ...writer, repo: REPO, title: 'swapped', operations, useXet: false, fetch: swap });
    const refused = await refusal(work);
    expect(refused).toMatchObject({ statusCode: 400, data: { message: 'BadDigest' } });
  });

  it('refuses uploads without a signature, or with a token', async () => {
    const path = `/upload/models/${REPO}/${sha256(GRAPH)}/${GRAPH.length}`;
    expect((await fetch(`${hub.storeUrl}${path}`, { method: 'PUT', body: GRAPH })).status).toBe(403);
    const headers = { authorization: `Bearer ${WRITER}` };
    expect((await fetch(`${hub.storeUrl}${path}`, { method: 'PUT', body: GRAPH, headers })).status).toBe(400);
  });

  it('reports the phases of an upload', async () => {
    const files = [{ path: 'model.onnx', content: new Blob([GRAPH]) }];
    const events = uploadFilesWithProgress({ ...writer, repo: REPO, files, useXet: false });
    const seen = [];
    for await (const event of events)
      seen.push(event.event === 'phase' ? event.phase : `${event.state} ${event.progress}`);
    expect(seen).toEqual([
      'preuploading',
      'uploadingLargeFiles',
      'hashing 0',
      'hashing 1',
      'uploading 0',
      'uploading 1',
      'committing',
    ]);
  });
});

describe('branches and tags', () => {
  let first: string;

  beforeEach(async () => {
    await createRepo({ ...writer, repo: REPO });
    first = await upload({ 'model.onnx': GRAPH, 'contract.json': 'one' });
  });

  it('tags a commit, and serves it at the tag after the branch moved', async () => {
    expect((await tag('v1.0.0', first)).status).toBe(200);
    const second = await upload({ 'contract.json': 'two' });
    expect((await tag('v1.1.0', 'main')).status).toBe(200);

    const refs = await fetch(`${hub.url}/api/models/${REPO}/refs`);
    expect(await refs.json()).toEqual({
      branches: [{ name: 'main', ref: 'refs/heads/main', targetCommit: second }],
      tags: [
        { name: 'v1.0.0', ref: 'refs/tags/v1.0.0', targetCommit: first },
        { name: 'v1.1.0', ref: 'refs/tags/v1.1.0', targetCommit: second },
      ],
      converts: [],
    });
    const info = await modelInfo({ ...reader, name: REPO, revision: 'v1.0.0', additionalFields: ['sha', 'filePaths'] });
    expect(info).toMatchObject({ sha: first, filePaths: ['.gitattributes', 'contract.json', 'model.onnx'] });
    expect(await (await download('contract.json', 'v1.0.0'))?.text()).toBe('one');
    expect(await (await download('contract.json', first.slice(0, 8)))?.text()).toBe('one');
    expect((await list({ revision: 'v1.0.0' })).map(({ path }) => path)).toContain('model.onnx');
  });

  it('keeps a tag where it is until it is deleted', async () => {
    await tag('v1.0.0', first);
    await upload({ 'contract.json': 'two' });
    const again = await tag('v1.0.0', 'main');
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual({ error: 'Reference refs/tags/v1.0.0 already exists' });

    expect((await tag('v1.0.0', '', WRITER, 'DELETE')).status).toBe(200);
    const gone = await tag('v1.0.0', '', WRITER, 'DELETE');
    expect([gone.status, gone.headers.get('x-error-code')]).toEqual([404, 'RevisionNotFound']);
    expect((await tag('v1.0.0', 'main')).status).toBe(200);
    expect(await (await download('contract.json', 'v1.0.0'))?.text()).toBe('two');
  });

  it('refuses a tag of a missing revision, with a bad name, or by a reader', async () => {
    expect((await tag('v1.0.0', 'missing')).status).toBe(404);
    expect((await tag('refs/pr/5', 'main')).status).toBe(400);
    expect((await tag('v1.0.0', 'main', READER)).status).toBe(403);
  });

  it('creates, overwrites and deletes branches', async () => {
    await createBranch({ ...writer, repo: REPO, branch: 'next' });
    await upload({ 'contract.json': 'two' });
    expect(await (await download('contract.json', 'next'))?.text()).toBe('one');
    expect((await refusal(createBranch({ ...writer, repo: REPO, branch: 'next' }))).statusCode).toBe(409);
    await createBranch({ ...writer, repo: REPO, branch: 'next', revision: 'main', overwrite: true });
    expect(await (await download('contract.json', 'next'))?.text()).toBe('two');
    await createBranch({ ...writer, repo: REPO, branch: 'empty', empty: true });
    expect(await download('contract.json', 'empty')).toBeNull();
    await deleteBranch({ ...writer, repo: REPO, branch: 'next' });
    expect((await refusal(download('contract.json', 'next'))).statusCode).toBe(404);
    expect((await refusal(deleteBranch({ ...writer, repo: REPO, branch: 'main' }))).statusCode).toBe(403);
  });
});

describe('downloads', () => {
  let head: string;

  beforeEach(async () => {
    await createRepo({ ...writer, repo: REPO });
    head = await upload({ 'model.onnx': GRAPH, 'contract.json': CONTRACT });
  });

  it('follows the redirect of an LFS file to the other origin, twice, without the token', async () => {
    const before = hub.requests.length;
    const blob = await download('model.onnx', head);
    expect(blob?.size).toBe(GRAPH.length);
    expect((await bytesOf(blob)).equals(GRAPH)).toBe(true);
    const cdn = `/cdn/models/${REPO}/${sha256(GRAPH)}/model.onnx`;
    expect(hub.requests.slice(before).map(({ path, range, status }) => [path, range, status])).toEqual([
      [`/${REPO}/resolve/${head}/model.onnx`, 'bytes=0-0', 302],
      [cdn, 'bytes=0-0', 206],
      [`/${REPO}/resolve/${head}/model.onnx`, undefined, 302],
      [cdn, undefined, 200],
    ]);
  });

  it('describes a file', async () => {
    const where = { ...reader, repo: REPO, revision: head };
    expect(await fileDownloadInfo({ ...where, path: 'model.onnx' })).toMatchObject({
      size: GRAPH.length,
      etag: `"${sha256(GRAPH)}"`,
    });
    const regular = await fileDownloadInfo({ ...where, path: 'contract.json' });
    expect(regular).toMatchObject({
      size: CONTRACT.length,
      etag: `"${hashObject('blob', Buffer.from(CONTRACT))}"`,
    });
    const pointer = await downloadFile({ ...where, path: 'model.onnx', raw: true, xet: false });
    expect(await pointer?.text()).toBe(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(GRAPH)}\nsize ${GRAPH.length}\n`,
    );
    const response = await fetch(`${hub.url}/${REPO}/resolve/main/model.onnx`, { method: 'HEAD', redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('x-repo-commit')).toBe(head);
    expect(response.headers.get('x-linked-size')).toBe(String(GRAPH.length));
    expect(response.headers.get('x-linked-etag')).toBe(`"${sha256(GRAPH)}"`);
  });

  it('serves ranges of a regular and of an LFS file', async () => {
    const regular = await download('contract.json');
    expect(await regular?.slice(2, 6).text()).toBe('name');
    const graph = await download('model.onnx');
    expect(await bytesOf(graph?.slice(99_990) ?? null)).toEqual(GRAPH.subarray(99_990));
    expect(hub.requests.at(-1)).toMatchObject({ status: 206, range: 'bytes=99990-99999' });

    const url = `${hub.url}/${REPO}/resolve/main/contract.json`;
    const last = await fetch(url, { headers: { range: 'bytes=-3' } });
    expect([last.status, last.headers.get('content-range'), await last.text()]).toEqual([
      206,
      'bytes 18-20/21',
      '"}\n',
    ]);
    const beyond = await fetch(url, { headers: { range: 'bytes=21-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */21']);
    const changed = await fetch(url, { headers: { range: 'bytes=2-5', 'if-range': '"other"' } });
    expect([changed.status, await changed.text()]).toEqual([200, CONTRACT]);
  });

  it('tells a missing file from a missing revision and a missing repository', async () => {
    expect(await download('missing.onnx')).toBeNull();
    expect(await fileExists({ ...reader, repo: REPO, path: 'model.onnx' })).toBe(true);
    expect(await fileExists({ ...reader, repo: REPO, path: 'missing.onnx' })).toBe(false);

    const revision = await refusal(download('model.onnx', 'v9'));
    expect(revision).toMatchObject({ statusCode: 404, data: { message: 'Invalid rev id: v9' } });
    expect((await refusal(list({ revision: 'v9' }))).statusCode).toBe(404);
    const folder = await refusal(list({ path: 'modèle' }));
    expect(folder).toMatchObject({ statusCode: 404, data: { error: 'modèle does not exist on "main"' } });
    expect((await refusal(list({ repo: 'acme/missing' }))).message).toContain('Repository not found');
    expect((await refusal(modelInfo({ hubUrl: hub.url, name: 'acme/missing' }))).statusCode).toBe(401);
    const codes = await Promise.all(
      [`${REPO}/resolve/v9/model.onnx`, `${REPO}/resolve/main/missing`, 'acme/missing/resolve/main/x'].map((path) =>
        fetch(`${hub.url}/${path}`).then(({ headers }) => headers.get('x-error-code')),
      ),
    );
    expect(codes).toEqual(['RevisionNotFound', 'EntryNotFound', 'RepoNotFound']);
  });

  it('refuses a token that is unknown, or may not write', async () => {
    const { accessToken: _, ...anonymous } = reader;
    expect(await fileExists({ ...anonymous, repo: REPO, path: 'contract.json' })).toBe(true);
    const unknown = { ...reader, accessToken: 'hf_unknown', repo: REPO };
    expect((await refusal(fileExists({ ...unknown, path: 'contract.json' }))).statusCode).toBe(401);

    const files = [{ path: 'contract.json', content: new Blob(['three']) }];
    const statuses = await Promise.all(
      [anonymous, reader, unknown, { ...reader, accessToken: STRANGER }].map(async (credentials) => {
        const error = await refusal(uploadFiles({ ...credentials, repo: REPO, files, useXet: false }));
        return error.statusCode;
      }),
    );
    expect(statuses).toEqual([401, 403, 401, 403]);
    expect(await (await download('contract.json'))?.text()).toBe(CONTRACT);
  });
});

describe('faults', () => {
  beforeEach(async () => {
    await createRepo({ ...writer, repo: REPO });
    await upload({ 'model.onnx': GRAPH, 'contract.json': CONTRACT });
  });

  it('fails as often as told; the client does not try again', async () => {
    hub.fail({ path: /\/tree\//, status: 429, times: 1, retryAfter: 7 });
    const before = hub.requests.length;
    const limited = await refusal(list());
    expect(limited).toMatchObject({ statusCode: 429, data: { error: expect.stringContaining('rate limit') } });
    expect(hub.requests.slice(before).map(({ status }) => status)).toEqual([429]);
    expect(await list()).toHaveLength(3);

    hub.fail({ method: 'PUT', path: /^\/upload\//, status: 500, times: Infinity });
    const other = Buffer.from(GRAPH).reverse();
    expect((await refusal(upload({ 'model.onnx': other }))).statusCode).toBe(500);
    expect((await refusal(upload({ 'model.onnx': other }))).statusCode).toBe(500);
    hub.heal();
    await upload({ 'model.onnx': other });

    hub.fail({ path: /\/refs$/, status: 429, retryAfter: 7 });
    const { headers } = await fetch(`${hub.url}/api/models/${REPO}/refs`);
    expect([headers.get('retry-after'), headers.get('ratelimit')]).toEqual([null, '"api";r=0;t=7']);
  });

  it('fails a download as an error, or as no more than its text when it is streamed', async () => {
    const blob = await download('model.onnx');
    hub.fail({ path: /\/resolve\//, status: 503, times: 2 });
    expect((await refusal(bytesOf(blob))).statusCode).toBe(503);
    const reading = blob?.stream().getReader().read();
    await expect(reading).rejects.toEqual(expect.stringContaining('Api error with status 503'));
  });

  it('cuts a download in the middle, which can go on from there', async () => {
    hub.cutAfter(/^\/cdn\/.*model\.onnx$/, 50_000);
    const blob = await download('model.onnx');
    const received: Uint8Array[] = [];
    const broken = (async () => {
      for await (const chunk of blob?.stream() ?? []) received.push(chunk);
    })();
    await expect(broken).rejects.toThrow('terminated');
    const partial = Buffer.concat(received);
    expect(partial.equals(GRAPH.subarray(0, 50_000))).toBe(true);

    const rest = await bytesOf(blob?.slice(partial.length) ?? null);
    expect(Buffer.concat([partial, rest]).equals(GRAPH)).toBe(true);
  });

  it('loses the answer to a commit that took place', async () => {
    hub.cutAfter(/\/commit\/main$/, 0);
    await expect(upload({ 'contract.json': 'two' })).rejects.toThrow('fetch failed');
    expect(await (await download('contract.json'))?.text()).toBe('two');
  });

  it('serves less than a file, or a flipped byte, without a sign of it but the hash', async () => {
    hub.truncate(/model\.onnx$/, 60_000, 1);
    expect(await bytesOf(await download('model.onnx'))).toHaveLength(60_000);

    hub.corrupt(/model\.onnx$/, { times: 1 });
    const corrupt = await bytesOf(await download('model.onnx'));
    expect(corrupt).toHaveLength(GRAPH.length);
    expect([...corrupt.keys()].filter((index) => corrupt[index] !== GRAPH[index])).toEqual([50_000]);
    const listed = (await list()).find(({ path }) => path === 'model.onnx');
    expect(sha256(corrupt)).not.toBe(listed?.lfs?.oid);
    expect(sha256(await bytesOf(await download('model.onnx')))).toBe(listed?.lfs?.oid);
  });

  it('delays, but closes at once', async () => {
    hub.delay(/\/tree\//, 50, 1);
    const start = performance.now();
    await list();
    expect(performance.now() - start).toBeGreaterThan(45);

    hub.delay(/\/tree\//, 60_000);
    const waiting = expect(list()).rejects.toThrow('fetch failed');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await hub.close();
    await waiting;
  });
});

describe('npm run hub', () => {
  it('prints the settings with which a client writes to it, until Ctrl-C', async () => {
    const { child, finished } = startScript('serve-hub', ['--port', String(await freePort())]);
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    await vi.waitFor(() => expect(output).toMatch(/^export .*\n/m), { timeout: 20_000, interval: 50 });
    const [, hubUrl = '', name = '', accessToken = ''] =
      output.match(/^export HF_ENDPOINT=(\S+) HF_MODEL_REPO=(\S+) HF_TOKEN=(\S+)$/m) ?? [];
    await createRepo({ repo: { type: 'model', name }, hubUrl, accessToken });
    expect(await repoExists({ repo: name, hubUrl, accessToken })).toBe(true);
    child.kill('SIGINT');
    expect((await finished).code).toBe(0);
  });
});
