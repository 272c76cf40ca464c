import { expect, it } from 'vitest';
import { runScript } from '../../tests/kit/run-script.ts';

it('says as JSON, and nothing else, that the files are up to date', async () => {
  const { code, stdout } = await runScript('types', ['--check', '--json']);
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      files: ['workers/worker-configuration.d.ts', 'common/contract/contract.schema.json'],
      written: false,
    },
  ]);
});
