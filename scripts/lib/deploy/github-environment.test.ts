import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { githubEnvironment } from './github-environment.ts';
import { readResources } from './resources.ts';

const namesIn = (text: string, pattern: RegExp) =>
  Array.from(new Set(Array.from(text.matchAll(pattern), ([, name = '']) => name))).sort();

describe.each(['model', 'dev', 'prod'] as const)('the environment %s at GitHub', (environment) => {
  const { secrets, variables } = githubEnvironment(environment, readResources(environment).secrets);

  it('holds what its workflow uses, no more and no less', async () => {
    const workflow = await readFile(`.github/workflows/${environment}.yml`, 'utf8');
    expect(namesIn(workflow, /\bsecrets\.(\w+)/g)).toEqual([...secrets].sort());
    expect(namesIn(workflow, /\bvars\.(\w+)/g)).toEqual([...variables].sort());
  });

  it("is what the workflow's own list says", async () => {
    const workflow = await readFile(`.github/workflows/${environment}.yml`, 'utf8');
    const [, listed = '', variablesListed = ''] = workflow.split(/^# {3}(?:secrets|variables)$/m);
    const name = /^# {5}([A-Z\d_]+) /gm;
    expect([namesIn(listed, name), namesIn(variablesListed, name)]).toEqual([
      [...secrets].sort(),
      [...variables].sort(),
    ]);
  });
});
