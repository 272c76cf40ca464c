import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runScript } from '../../tests/kit/run-script.ts';

const SHA = '3d3c42e5aac5ba805825da76410c181273ba90b1';
const WORKFLOW = '.github/workflows/ci.yml';
const ACTION = '.github/actions/setup/action.yml';
const GOOD: Record<string, string> = {
  'package.json': JSON.stringify({ scripts: { test: 'x', 'check:static': 'x' } }),
  [ACTION]: `name: Set up
description: Sets up
runs:
  using: composite
  steps:
    - run: npm ci
      shell: bash
`,
  [WORKFLOW]: `name: ci
on:
  push:
    branches: [dev]
  workflow_call:
jobs:
  check:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions: { contents: read }
    steps:
      - uses: actions/checkout@${SHA} # v7.0.1
      - uses: ./.github/actions/setup
      - run: |
          npm run --silent check:static
          npm test -- "$REF"
        env:
          REF: \${{ github.head_ref }}
          TOKEN: \${{ secrets.TOKEN }}
`,
  '.github/workflows/dev.yml': `name: dev
on: push
jobs:
  check:
    permissions: { contents: read }
    uses: ./.github/workflows/ci.yml
`,
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'workflows-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function check(
  files: Record<string, string>,
): Promise<{ code: number | null; stdout: string; problems: string[] }> {
  for (const [name, text] of Object.entries({ ...GOOD, ...files })) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const { code, stdout, stderr } = await runScript('check-workflows', ['--directory', directory]);
  return { code, stdout, problems: stderr.split('\n').filter((line) => line.startsWith('.github/')) };
}

const line = (number: number, text: string, file = WORKFLOW) => expect.stringContaining(`${file}:${number}: ${text}`);

describe('check-workflows', () => {
  it('accepts workflows that keep the rules', async () => {
    const done = await check({});
    expect(done.problems).toEqual([]);
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('.github/workflows/dev.yml')]);
  });

  it("names file and line of each breach of this project's rules", async () => {
    const { code, problems } = await check({
      [ACTION]: `name: Set up
description: Sets up
inputs: { python: { description: x } }
runs:
  using: composite
  steps:
    - uses: actions/setup-node@v7
    - run: echo "\${{ inputs.python }}"
      shell: bash
`,
      [WORKFLOW]: `name: ci
on:
  pull_request_target:
env:
  TOKEN: \${{ secrets.TOKEN }}
jobs:
  check:
    runs-on: ubuntu-24.04
    env:
      KEY: \${{ secrets.KEY }}
    steps:
      - uses: actions/checkout@v7
      - uses: actions/checkout@3d3c42e # v7.0.1
      - uses: actions/checkout@${SHA}
      - uses: ./.github/actions/missing
      - run: |
          npm run lint
          npm run check:static
          npm start
      - run: echo "\${{ github['event'].number }}"
      - run: >-
          git switch
          "\${{ github.ref_name }}"
  reuse:
    uses: ./.github/workflows/missing.yml
    secrets: inherit
`,
    });
    expect(code).toBe(1);
    expect(problems).toEqual([
      line(7, 'actions/setup-node@v7 is not pinned by a full commit sha', ACTION),
      line(8, `a script holds \${{ inputs.python }}; pass it through env`, ACTION),
      line(3, 'pull_request_target gives secrets'),
      line(5, 'TOKEN gives a secret to the whole workflow'),
      line(7, 'the job check names no permissions'),
      line(7, 'the job check has no timeout-minutes'),
      line(10, 'KEY gives a secret to every step of the job check'),
      line(12, 'actions/checkout@v7 is not pinned by a full commit sha'),
      line(13, 'actions/checkout@3d3c42e is not pinned by a full commit sha'),
      line(14, `actions/checkout@${SHA} does not say its version`),
      line(15, './.github/actions/missing does not exist'),
      line(17, 'package.json has no script lint'),
      line(19, 'package.json has no script start'),
      line(20, `a script holds \${{ github['event'].number }}`),
      line(23, `a script holds \${{ github.ref_name }}`),
      line(24, 'the job reuse names no permissions'),
      line(25, './.github/workflows/missing.yml does not exist'),
      line(26, 'the job reuse passes every secret on'),
    ]);
  });

  it('reports what actionlint finds', async () => {
    const { code, problems } = await check({
      [WORKFLOW]: `name: ci
on: [push, workflow_cal]
jobs:
  check:
    runs-on: ubuntu-24.04
    needs: other
    timeout-minutes: 10
    permissions: { contents: all }
    steps:
      - run: echo "\${{ github.event.issue.title }}"
      - if: github.evnt_name == 'push'
        run: npm test
`,
      '.github/workflows/dev.yml': 'name: dev\non: push\njobs: [\n',
    });
    expect(code).toBe(1);
    expect(problems).toEqual(
      expect.arrayContaining([
        line(2, 'unknown Webhook event "workflow_cal"'),
        line(4, 'job "check" needs job "other" which does not exist'),
        line(8, '"all" is invalid for permission'),
        line(10, '"github.event.issue.title" is potentially untrusted'),
        line(11, 'property "evnt_name" is not defined'),
      ]),
    );
    expect(problems.filter((it) => it.startsWith('.github/workflows/dev.yml:'))).not.toEqual([]);
  });

  it('wants workflows', async () => {
    expect(await runScript('check-workflows', ['--directory', directory])).toMatchObject({ code: 1 });
  });
});
