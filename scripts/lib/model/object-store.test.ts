import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalS3, startLocalS3 } from '../../../tests/stand-ins/s3/local-s3.ts';
import { openLocalStore } from '../local/local-store.ts';
import type { ObjectStore } from './object-store.ts';
import { openRemoteStore } from './remote-store.ts';

let directory: string;
let s3: LocalS3;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-'));
  s3 = await startLocalS3(['models']);
});
afterAll(async () => {
  await s3.close();
  await rm(directory, { recursive: true });
});

const bytes = (text: string) => Buffer.from(text);
const contentType = 'text/plain';
const remote = (changes = {}) => openRemoteStore('models', { ...s3, endpoint: s3.url, ...changes });

describe.each([
  ['on this machine', () => openLocalStore('dev', directory)],
  ['over the S3 API', async () => remote()],
] as const)('a bucket %s', (_name, open) => {
  let store: ObjectStore;
  let rival: ObjectStore;
  beforeAll(async () => {
    [store, rival] = [await open(), await open()];
  });
  afterAll(async () => {
    await store.close();
    await rival.close();
  });

  it('gives back what was put', async () => {
    expect(await store.get('a/ü b.txt')).toBeNull();
    expect(await store.put('a/ü b.txt', bytes('é'), { contentType, condition: 'absent' })).toEqual(expect.any(String));
    const stored = await rival.get('a/ü b.txt');
    expect(Buffer.from(stored?.bytes ?? []).toString()).toBe('é');
  });

  it('never replaces an object that must be absent', async () => {
    await store.put('once', bytes('first'), { contentType, condition: 'absent' });
    expect(await rival.put('once', bytes('second'), { contentType, condition: 'absent' })).toBeNull();
    expect(Buffer.from((await store.get('once'))?.bytes ?? []).toString()).toBe('first');
  });

  it('lets one of many concurrent conditional puts win', async () => {
    await store.put('pointer', bytes('start'), { contentType, condition: 'absent' });
    const etag = (await store.get('pointer'))?.etag ?? '';
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? store : rival).put('pointer', bytes(`flip ${i}`), { contentType, condition: { etag } }),
      ),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const winner = Buffer.from((await rival.get('pointer'))?.bytes ?? []).toString();
    expect(winner).toBe(`flip ${outcomes.findIndex(Boolean)}`);
    expect(outcomes.find(Boolean)).toBe((await store.get('pointer'))?.etag);
    expect(await store.put('missing', bytes('x'), { contentType, condition: { etag } })).toBeNull();
  });

  it('lists by prefix, across pages', async () => {
    const keys = ['list/1', 'list/2', 'list/3', 'list/4', 'list/5'];
    for (const key of [...keys].reverse()) await store.put(key, bytes(key), { contentType, condition: 'absent' });
    expect(await rival.list('list/')).toEqual(keys);
    expect(await store.list('nothing/')).toEqual([]);
  });

  it('removes what it is told to, there or not', async () => {
    for (const key of ['gone/1', 'gone/2', 'gone/3'])
      await store.put(key, bytes(key), { contentType, condition: 'absent' });
    await rival.remove(['gone/1', 'gone/3', 'gone/4']);
    expect(await store.list('gone/')).toEqual(['gone/2']);
  });
});

describe('a bucket on this machine', () => {
  it('is the one that is asked for', async () => {
    const letters = await openLocalStore('dev', directory, 'DEAD_LETTERS');
    try {
      await letters.put('letter', bytes('x'), { contentType, condition: 'absent' });
      expect(await letters.list('')).toEqual(['letter']);
    } finally {
      await letters.close();
    }
    await expect(openLocalStore('model', directory, 'DEAD_LETTERS')).rejects.toThrow('binds no bucket DEAD_LETTERS');
  });
});

describe('a bucket over the S3 API that fails', () => {
  it('is tried again after a 503', async () => {
    s3.fail('PUT', /retry/, 503, 2);
    expect(await remote().put('retry', bytes('x'), { contentType, condition: 'absent' })).toEqual(expect.any(String));
  });

  it('says that the credentials are refused, and never shows them', async () => {
    const failing = remote({ secretAccessKey: 'wrong-secret' }).get('a');
    await expect(failing).rejects.toThrow('R2 refused the credentials (403)');
    await expect(failing).rejects.not.toThrow('wrong-secret');
  });

  it('says that the bucket does not exist', async () => {
    const store = openRemoteStore('other', { ...s3, endpoint: s3.url });
    await expect(store.get('a')).rejects.toThrow('wrangler r2 bucket create other');
    await expect(store.put('a', bytes('x'), { contentType, condition: 'absent' })).rejects.toThrow('does not exist');
  });

  it('says that it cannot be reached', async () => {
    await expect(remote({ endpoint: 'http://127.0.0.1:9' }).get('a')).rejects.toThrow(
      'http://127.0.0.1:9 cannot be reached',
    );
  }, 30_000);
});
