import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeProject, type Project } from '../../tests/stand-ins/cloudflare/project.ts';

let project: Project;
beforeEach(async () => {
  project = await makeProject('dev');
});
afterEach(() => project.remove());

it('check-deploy answers JSON with the size of each Worker, and nothing else', async () => {
  const { code, stdout } = await project.run('check-deploy', ['--json'], {});
  const size = { uploadKiB: expect.any(Number), gzipKiB: expect.any(Number) };
  expect([code, JSON.parse(stdout)]).toEqual([0, { sizes: { model: size, dev: size, prod: size } }]);
});

it('check-deploy names the Worker that does not build', async () => {
  await project.write('workers/index.ts', "import './missing.ts';\n");
  const { code, stdout, stderr } = await project.run('check-deploy', ['--json'], {});
  expect([code, stderr]).toEqual([1, expect.stringContaining('The Worker of model does not build')]);
  expect(JSON.parse(stdout).error).toContain('missing.ts');
});
