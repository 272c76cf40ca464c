import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from './directory-lock.ts';

let directory: string;
const lock = () => join(directory, 'lock');
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

const owner = async () => Number(await readFile(lock(), 'utf8'));

describe('the lock of a directory', () => {
  it('is held until it is given back', async () => {
    const unlock = await lockDirectory(directory);
    expect(await owner()).toBe(process.pid);
    await unlock();
    await expect(owner()).rejects.toThrow('ENOENT');
  });

  it('is refused while another process has it, which it names', async () => {
    // The parent of this process runs as long as this one.
    await writeFile(lock(), String(process.ppid));
    await expect(lockDirectory(directory, 'Wait for it.')).rejects.toThrow(
      `${directory} is in use by process ${process.ppid}. Wait for it.`,
    );
    expect(await owner()).toBe(process.ppid);
  });

  it.each([
    ['of a process that has ended', '999999999'],
    ['of an earlier container, where this number was the same', String(process.pid)],
    ['without a number', 'nonsense'],
  ])('is taken over from one %s', async (_title, text) => {
    await writeFile(lock(), text);
    const unlock = await lockDirectory(directory);
    expect(await owner()).toBe(process.pid);
    await unlock();
  });
});
