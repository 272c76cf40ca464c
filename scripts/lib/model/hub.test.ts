import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalHub, startLocalHub } from '../../../tests/stand-ins/hub/local-hub.ts';
import { noProgressBar } from '../progress-bar.ts';
import { commitFiles, createTag, ensureRepo, type Hub, isListed, listAllFiles } from './hub.ts';

const WRITER = `hf_${'w'.repeat(8)}`;

let server: LocalHub;
let hub: Hub;
beforeEach(async () => {
  server = await startLocalHub({ tokens: { [WRITER]: { role: 'write', user: 'acme' } } });
  hub = { repo: 'acme/attrition', type: 'model', url: server.url, accessToken: WRITER };
  await ensureRepo(hub);
});
afterEach(() => server.close());

const commit = (text: string) =>
  commitFiles(hub, text, [{ path: 'contract.json', bytes: Buffer.from(text) }], noProgressBar);

describe('createTag', () => {
  it('has nothing to do where the tag is on this commit already', async () => {
    const one = await commit('one');
    await createTag(hub, 'model-v1.0.0', one, 'first');
    await createTag(hub, 'model-v1.0.0', one, 'again');
  });

  it('refuses where the tag is on another commit, although the Hub answers both with 409', async () => {
    const [one, two] = [await commit('one'), await commit('two')];
    expect(one).not.toBe(two);
    await createTag(hub, 'model-v1.0.0', one, 'first');
    await expect(createTag(hub, 'model-v1.0.0', two, 'second')).rejects.toThrow(
      'Tagging model-v1.0.0 failed: the Hub answered 409',
    );
    // The tag stays where it was.
    await createTag(hub, 'model-v1.0.0', one, 'again');
  });
});

describe('ensureRepo', () => {
  it('leaves a repository as it is', async () => {
    await commit('one');
    await ensureRepo(hub);
    expect((await listAllFiles(hub, 'main')).map(({ path }) => path)).toContain('contract.json');
  });
});

describe('isListed', () => {
  it('tells the bytes of a file from others of the same length', async () => {
    await commit('one');
    const file = (await listAllFiles(hub, 'main')).find(({ path }) => path === 'contract.json');
    if (!file) throw new Error('the file is listed');
    expect([isListed(file, Buffer.from('one')), isListed(file, Buffer.from('two'))]).toEqual([true, false]);
    expect(isListed(file, Buffer.from('on'))).toBe(false);
    const large = { path: 'x', bytes: 3, sha256: '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed' };
    expect([isListed(large, Buffer.from('one')), isListed(large, Buffer.from('two'))]).toEqual([true, false]);
  });
});
