import { expect, it } from 'vitest';
import { runScript } from '../../tests/kit/run-script.ts';

it('says as JSON, and nothing else, that the file is up to date', async () => {
  const { code, stdout } = await runScript('types', ['--check', '--json']);
  expect([code, JSON.parse(stdout)]).toEqual([0, { file: 'workers/worker-configuration.d.ts', written: false }]);
});
