import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callScript } from '../../tests/kit/call-script.ts';
import { makeModelFolder } from '../../tests/kit/model-folders.ts';
import { runScript } from '../../tests/kit/run-script.ts';
import { type LocalHub, startLocalHub } from '../../tests/stand-ins/hub/local-hub.ts';
import { commitFiles, type Hub, listAllFiles } from '../lib/model/hub.ts';
import { readModelFolder } from '../lib/model/model-folder.ts';
import { buildSpace } from '../lib/model/space.ts';
import { noProgressBar } from '../lib/progress-bar.ts';

const WRITER = `hf_${'w'.repeat(8)}`;
const READER = `hf_${'r'.repeat(8)}`;
const SPACE = 'acme/attrition-demo';

/** The paths of a build, without the digests in the names. */
let built: string[];
let directory: string;
let hub: LocalHub;
beforeAll(async () => {
  built = withoutHashes((await buildSpace(await readModelFolder('model'), undefined)).map(({ path }) => path));
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'space-'));
  hub = await startLocalHub({
    tokens: { [WRITER]: { role: 'write', user: 'acme' }, [READER]: { role: 'read', user: 'guest' } },
  });
});
afterEach(async () => {
  await hub.close();
  await rm(directory, { recursive: true });
});

const optionsFor = (model: string) => ['--model', model, '--out', join(directory, 'space'), '--json'];
const environment = () => ({
  HF_ENDPOINT: hub.url,
  HF_SPACE_REPO: SPACE,
  HF_MODEL_REPO: 'acme/attrition',
  HF_TOKEN: WRITER,
});
const publish = (model: string, env: Record<string, string> = {}, ...options: string[]) =>
  callScript('publish-space', [...optionsFor(model), ...options], { ...environment(), ...env });
const space = (): Hub => ({ repo: SPACE, type: 'space', url: hub.url, accessToken: WRITER });
const held = async () => withoutHashes((await listAllFiles(space(), 'main')).map(({ path }) => path));
const writes = () =>
  hub.requests.filter(({ method, path }) => method === 'PUT' || path.endsWith('/commit/main')).length;

/** The names without what the bundler puts into them of their content. */
const withoutHashes = (paths: readonly string[]) => paths.map((path) => path.replace(/-[\w-]{8}\./, '.')).sort();

describe('publish-space', () => {
  it('creates the Space, then commits only what changed', async () => {
    const first = await runScript('publish-space', optionsFor('model'), environment());
    expect([first.code, first.stderr]).toEqual([
      0,
      expect.stringContaining(`upload ${built.length} files to ${SPACE}`),
    ]);
    const { changed, ...others } = JSON.parse(first.stdout);
    expect(withoutHashes(changed)).toEqual(built);
    expect(others).toEqual({
      published: true,
      space: SPACE,
      url: `${hub.url}/spaces/${SPACE}`,
      removed: [],
      leftAlone: [],
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(await held()).toEqual(['.gitattributes', ...built]);
    const info = await fetch(`${hub.url}/api/spaces/${SPACE}`);
    expect(await info.json()).toMatchObject({ sdk: 'static', private: false });

    const before = writes();
    const again = await publish('model');
    expect(JSON.parse(again.stdout)).toEqual({ ...others, published: false, changed: [] });
    expect(writes()).toBe(before);

    const newer = await publish(await makeModelFolder(directory, '1.1.0'));
    expect(JSON.parse(newer.stdout)).toMatchObject({
      published: true,
      changed: ['README.md', 'contract.json'],
      removed: [],
    });
    expect(await held()).toEqual(['.gitattributes', ...built]);
  });

  it('removes what an earlier build left, and nothing else', async () => {
    await publish('model');
    const bytes = Buffer.from('old');
    await commitFiles(
      space(),
      'by hand',
      ['assets/index-old.js', 'notes.txt', 'index.html'].map((path) => ({ path, bytes })),
      noProgressBar,
    );
    const difference = { changed: ['index.html'], removed: ['assets/index-old.js'], leftAlone: ['notes.txt'] };
    const dry = await publish('model', {}, '--dry-run');
    expect(JSON.parse(dry.stdout)).toMatchObject({ published: false, ...difference });
    expect(await held()).toContain('assets/index-old.js');

    const mended = await publish('model');
    expect(JSON.parse(mended.stdout)).toMatchObject({ published: true, ...difference });
    expect(await held()).toEqual(['.gitattributes', ...built, 'notes.txt']);
  });

  it('only looks, in a dry run, for a Space that does not exist', async () => {
    const dry = await publish('model', {}, '--dry-run');
    const { changed, ...others } = JSON.parse(dry.stdout);
    expect([dry.code, others]).toEqual([0, expect.objectContaining({ published: false, removed: [] })]);
    expect(withoutHashes(changed)).toEqual(built);
    expect(hub.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it.each([
    ['a token that expired', { HF_TOKEN: `hf_${'x'.repeat(8)}` }, 1, 'the Hub refused the token (401)'],
    ['a token that may only read', { HF_TOKEN: READER }, 1, '(403)'],
    ['no token', { HF_TOKEN: '' }, 1, 'HF_TOKEN'],
    ['no name', { HF_SPACE_REPO: '' }, 2, 'Name the Space: --space OWNER/NAME'],
  ])('says what is wrong with %s', async (_title, env, code, said) => {
    const refused = await publish('model', env);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(said)]);
    expect(refused.stderr).not.toContain('    at ');
  });

  it('publishes no model that its contract does not describe', async () => {
    const wrong = await makeModelFolder(directory, '1.0.2', ({ graph }) => {
      graph.sha256 = 'f'.repeat(64);
    });
    const refused = await publish(wrong);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('is not the graph that its contract describes'),
    ]);
    expect(hub.requests).toEqual([]);
  });
});
