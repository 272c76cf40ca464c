import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

/** What GitHub imports as a ruleset: https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset */
const Ruleset = z.strictObject({
  name: z.string(),
  target: z.enum(['branch', 'tag']),
  enforcement: z.literal('active'),
  conditions: z.strictObject({
    ref_name: z.strictObject({ include: z.array(z.string()).nonempty(), exclude: z.tuple([]) }),
  }),
  bypass_actors: z.array(
    z.strictObject({ actor_id: z.number(), actor_type: z.literal('RepositoryRole'), bypass_mode: z.literal('always') }),
  ),
  rules: z.array(z.looseObject({ type: z.string() })).nonempty(),
});
const Workflow = z.looseObject({
  on: z.looseObject({
    push: z.object({ branches: z.array(z.string()).default([]), tags: z.array(z.string()).default([]) }).optional(),
  }),
  jobs: z.record(z.string(), z.looseObject({ name: z.string().optional(), environment: z.unknown().optional() })),
});

const rulesets = await Promise.all(
  globSync('.github/rulesets/*.json').map(async (path) => Ruleset.parse(JSON.parse(await readFile(path, 'utf8')))),
);
const workflows = await Promise.all(
  globSync('.github/workflows/*.yml').map(async (path) => Workflow.parse(parse(await readFile(path, 'utf8')))),
);
const refsWith = (type: string) =>
  rulesets.flatMap(({ rules, conditions }) =>
    rules.some((rule) => rule.type === type) ? conditions.ref_name.include : [],
  );

describe("GitHub's rulesets", () => {
  const deploying = workflows.filter(({ jobs }) => Object.values(jobs).some(({ environment }) => environment));

  it('let nobody push a branch that gets secrets without a review, nor remove it', () => {
    const branches = deploying.flatMap(({ on }) => on.push?.branches.map((branch) => `refs/heads/${branch}`) ?? []);
    expect(branches).toHaveLength(3);
    for (const type of ['pull_request', 'deletion', 'non_fast_forward'])
      expect(refsWith(type)).toEqual(expect.arrayContaining(branches));
  });

  it('let few make a tag that gets secrets, and nobody move it', () => {
    const tags = deploying.flatMap(({ on }) => on.push?.tags.map((tag) => `refs/tags/${tag}`) ?? []);
    expect(tags.sort()).toEqual(['refs/tags/model-v*', 'refs/tags/v*']);
    for (const type of ['creation', 'update', 'deletion']) expect(refsWith(type)).toEqual(expect.arrayContaining(tags));
  });

  it('wait for checks that are jobs', () => {
    const Checks = z.object({ required_status_checks: z.array(z.object({ context: z.string() })).nonempty() });
    const wanted = rulesets.flatMap(({ rules }) =>
      rules
        .filter(({ type }) => type === 'required_status_checks')
        .flatMap(({ parameters }) => Checks.parse(parameters).required_status_checks.map(({ context }) => context)),
    );
    const names = workflows.flatMap(({ jobs }) => Object.values(jobs).map(({ name }) => name));
    expect(wanted).toHaveLength(1);
    expect(names).toEqual(expect.arrayContaining(wanted));
  });
});
