import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const KEPT = {
  'package.json': JSON.stringify({ type: 'module', scripts: { start: 'node main.ts' } }),
  'main.ts': "import { used } from './part.ts';\nused();\n",
  'part.ts': 'export function used(): void {}\n',
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'unused-'));
  await copyFile('knip.jsonc', join(directory, 'knip.jsonc'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Runs knip, with the project's configuration, in a folder that has these files. */
async function check(files: Record<string, string>): Promise<{ passed: boolean; report: string }> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return new Promise((resolved) => {
    execFile(resolve('node_modules/.bin/knip'), { cwd: directory }, (error, report) =>
      resolved({ passed: error === null, report }),
    );
  });
}

it('passes where everything is used', async () => {
  expect(await check(KEPT)).toMatchObject({ passed: true });
});

it('names a file, an export, a type and a dependency that nothing uses', async () => {
  const { passed, report } = await check({
    ...KEPT,
    'package.json': JSON.stringify({
      type: 'module',
      scripts: { start: 'node main.ts' },
      dependencies: { 'left-pad': '1.3.0' },
    }),
    'part.ts': `${KEPT['part.ts']}export const spare = 1;\nexport type Spare = string;\n`,
    'alone.ts': 'export {};\n',
  });
  expect(passed).toBe(false);
  expect(report).toMatch(/Unused files \(1\)\nalone\.ts/);
  expect(report).toMatch(/Unused dependencies \(1\)\nleft-pad/);
  expect(report).toMatch(/Unused exports \(1\)\nspare/);
  expect(report).toMatch(/Unused exported types \(1\)\nSpare/);
});
