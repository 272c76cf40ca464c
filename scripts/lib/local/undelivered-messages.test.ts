import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../cli.ts';
import { describeUndelivered, keepUndelivered, readUndelivered } from './undelivered-messages.ts';

const FILE = 'left-in-the-queue.json';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'left-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('what is left in the queue', () => {
  it('is read as it was kept, in one file', async () => {
    expect(await readUndelivered(directory)).toBeNull();
    await keepUndelivered(directory, ['a', 'b']);
    expect(await readUndelivered(directory)).toMatchObject({ bodies: ['a', 'b'] });
    expect(await readdir(directory)).toEqual([FILE]);
  });

  it.each(['{"receivedAt":"2026-01-31T12:', '{"bodies":[]}'])('is not taken for nothing, given %s', async (text) => {
    await writeFile(join(directory, FILE), text);
    const error = await readUndelivered(directory).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(join(directory, FILE));
  });

  it('is not taken for nothing where it cannot be read', async () => {
    await mkdir(join(directory, FILE));
    await expect(readUndelivered(directory)).rejects.toThrow('EISDIR');
  });

  it('is counted in messages where no prediction can be read', () => {
    expect(describeUndelivered(['?'])).toBe('1 message');
    expect(describeUndelivered(['?', '{}'])).toBe('2 messages');
  });
});
