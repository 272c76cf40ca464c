import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { collect } from '../../tests/kit/run-script.ts';

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
