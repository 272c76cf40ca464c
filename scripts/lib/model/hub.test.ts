import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalHub, startLocalHub } from '../../../tests/stand-ins/hub/local-hub.ts';
import {
  commitFiles,
  createTag,
  ensureRepo,
  type Hub,
  isListed,
  listAllFiles,
  listTags,
  listVersionFiles,
  openDownload,
  resolveCommit,
  versionsOf,
} from './hub.ts';

// What fails is repeated after a pause, which retrying-fetch.test.ts looks at.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

const WRITER = 'hf_writer';
const startBar = () => ({ update: () => undefined, done: () => undefined });
const upload = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });

let server: LocalHub;
let hub: Hub;
let count = 0;
beforeAll(async () => {
  server = await startLocalHub({ tokens: { [WRITER]: { role: 'write', user: 'acme' } } });
});
afterAll(() => server.close());
beforeEach(async () => {
  server.heal();
  hub = { repo: `acme/model-${count++}`, type: 'model', url: server.url, accessToken: WRITER };
  await ensureRepo(hub);
});

const commit = (text: string) => commitFiles(hub, 'A commit', [upload('a.txt', text)], startBar);
const tagRequests = () => server.requests.filter(({ path, method }) => method === 'POST' && path.includes('/tag/'));

describe('createTag', () => {
  it('tags a commit', async () => {
    const first = await commit('one');
    await createTag(hub, 'v1', first, 'the first');
    expect([await resolveCommit(hub, 'v1'), await listTags(hub)]).toEqual([first, ['v1']]);
  });

  it('refuses a tag that another commit has, and leaves it there', async () => {
    const first = await commit('one');
    await createTag(hub, 'v1', first, 'the first');
    const second = await commit('two');
    await expect(createTag(hub, 'v1', second, 'the second')).rejects.toThrow('Tagging v1 failed: the Hub answered 409');
    expect(await resolveCommit(hub, 'v1')).toBe(first);
  });

  it('is done where the commit has the tag already: somebody else was faster', async () => {
    const first = await commit('one');
    await createTag(hub, 'v1', first, 'the first');
    await expect(createTag(hub, 'v1', first, 'again')).resolves.toBeUndefined();
  });

  it('is done where the answer to its first attempt got lost', async () => {
    const first = await commit('one');
    server.cutAfter(/\/tag\//, 0);
    const before = tagRequests().length;
    await createTag(hub, 'v1', first, 'the first');
    expect([await resolveCommit(hub, 'v1'), tagRequests().length - before]).toEqual([first, 2]);
  });

  it('says what to do where the Hub refuses it', async () => {
    const first = await commit('one');
    await expect(createTag({ ...hub, accessToken: 'hf_unknown' }, 'v1', first, '')).rejects.toThrow('HF_TOKEN');
    await expect(createTag(hub, 'v1', '0'.repeat(40), '')).rejects.toThrow('Tagging v1 failed');
    expect(await listTags(hub)).toEqual([]);
  });
});

describe('resolveCommit', () => {
  it('tells a missing tag from a missing repository', async () => {
    expect(await resolveCommit(hub, 'v9')).toBeNull();
    await expect(resolveCommit({ ...hub, repo: 'acme/none' }, 'v9')).rejects.toThrow('acme/none was not found');
  });

  it('never takes a failing Hub for a missing tag', async () => {
    server.fail({ path: /\/api\/models\//, status: 503, times: 4 });
    await expect(resolveCommit(hub, 'main')).rejects.toThrow('503, again and again');
  });
});

describe('the listed files', () => {
  it('are those of the commit that is asked for', async () => {
    const first = await commit('one');
    await commit('other');
    const [file] = (await listAllFiles(hub, first)).filter(({ path }) => path === 'a.txt');
    expect(file?.bytes).toBe(3);
    expect(file && [isListed(file, Buffer.from('one')), isListed(file, Buffer.from('two'))]).toEqual([true, false]);
    expect(await new Response(await openDownload(hub, first, 'a.txt', 1)).text()).toBe('ne');
  });

  it('name the file that a version lacks', async () => {
    await expect(listVersionFiles(hub, await commit('one'))).rejects.toThrow('has no model.onnx');
  });

  it.each([
    ['its size', { bytes: 4 }],
    ['its digest in git', { gitSha1: '0'.repeat(40) }],
  ])('differ from bytes by %s', async (_what, change) => {
    const first = await commit('one');
    const [file] = (await listAllFiles(hub, first)).filter(({ path }) => path === 'a.txt');
    expect(file && isListed({ ...file, ...change }, Buffer.from('one'))).toBe(false);
  });
});

describe('ensureRepo', () => {
  it('is done where somebody else creates the repository meanwhile', async () => {
    const other = { ...hub, repo: 'acme/both' };
    await Promise.all([ensureRepo(other), ensureRepo(other)]);
    expect(await resolveCommit(other, 'main')).toEqual(expect.any(String));
  });
});

it('takes only tags of whole version numbers for versions', () => {
  expect(versionsOf(['model-v1.2.3', 'model-v1.2', 'v1.2.3', 'xmodel-v1.2.3', 'model-v1.2.3-rc1'])).toEqual(['1.2.3']);
});
