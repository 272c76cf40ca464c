import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { collect } from '../../tests/kit/run-script.ts';
import { dataDirectoryOf } from '../lib/local/data-directory.ts';

it('deletes .local, whether or not it is there, and says so as JSON', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'reset-'));
  await mkdir(join(cwd, '.local'));
  await writeFile(join(cwd, '.local', 'api-key'), 'x');
  for (let time = 0; time < 2; time++) {
    const script = join(import.meta.dirname, 'reset.ts');
    const { code, stdout } = await collect(
      spawn(process.execPath, [script, '--json'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    expect([code, JSON.parse(stdout), await readdir(cwd)]).toEqual([0, { deleted: '.local' }, []]);
  }
  await rm(cwd, { recursive: true });
});

it('deletes nothing while npm start uses the data of another model', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'reset-'));
  const other = join(cwd, dataDirectoryOf('other-model'));
  expect(dataDirectoryOf('other-model')).toBe(join('.local', 'models', 'other-model'));
  await mkdir(other, { recursive: true });
  await writeFile(join(other, 'lock'), String(process.pid));
  const script = join(import.meta.dirname, 'reset.ts');
  const { code, stderr } = await collect(spawn(process.execPath, [script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }));
  expect([code, stderr]).toEqual([1, expect.stringContaining('other-model is in use by process')]);
  expect(await readdir(other)).toEqual(['lock']);
  await rm(cwd, { recursive: true });
});
