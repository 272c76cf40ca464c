import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, START_TIMEOUT_MS, type Stack, startStack } from '../../tests/kit/local-stack.ts';
import { createKey, formatApiKeys } from '../lib/deploy/api-keys.ts';
import { listenOnLoopback, stopServer } from '../lib/loopback.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stack-'));
});
afterAll(() => rm(directory, { recursive: true }));

const started: Stack[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const stack of started.splice(0)) await stack.stop();
});

function run(...options: string[]): Stack {
  const stack = startStack(...options);
  started.push(stack);
  return stack;
}

/** Pastes the printed command into a shell. */
function paste(command: string): Promise<string> {
  const shell = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  return new Promise((resolve) => shell.once('close', () => resolve(output)));
}

describe('npm start', () => {
  it(
    'answers the printed curl like Python, records it, and finds it again after a restart',
    async () => {
      // Nothing of a test may reach a database that the shell names.
      vi.stubEnv('DATABASE_URL', 'postgres://postgres@127.0.0.1:9/postgres');
      const port = await freePort();
      const first = run('--port', String(port), '--data', directory, '--faults', '{}');
      await first.ready();
      const curl = first.output().match(/^curl .*$/m)?.[0] ?? '';
      const { default: contract } = await import('../../model/contract.json', { with: { type: 'json' } });
      const answer = JSON.parse(await paste(curl));
      expect(Math.abs(answer.probability - (contract.examples[0]?.probability ?? 2))).toBeLessThanOrEqual(1e-6);

      const path = `/v1/predictions/${answer.id}`;
      const stored = await vi.waitFor(
        async () => {
          const response = await first.fetch(path);
          expect(response.status).toBe(200);
          return response.json();
        },
        { timeout: 5000, interval: 100 },
      );
      expect(stored).toMatchObject({
        id: answer.id,
        probability: answer.probability,
        input: contract.examples[0]?.input,
        keyId: 'local',
      });
      expect((await fetch(`${first.url}${path}`)).status).toBe(401);
      const key = await first.key();
      const faults = first.output().match(/http:\S+\/faults/)?.[0] ?? '';
      expect((await fetch(faults, { method: 'PUT', body: '{"database":"dwn"}' })).status).toBe(400);
      await fetch(faults, { method: 'PUT', body: '{"database":"down"}' });
      const queued = JSON.parse(await paste(curl));
      expect(queued.recorded).toBe('queued');
      const stopped = first.stop();
      await vi.waitFor(() => expect(first.output()).toContain('from the queue'), { timeout: 10_000, interval: 20 });
      const late = JSON.parse(await paste(curl));
      expect(late.recorded).toBe('queued');
      expect(await stopped).toBe(0);
      expect(first.output()).toMatch(/storing 1 prediction from the queue … 2 predictions not stored/);
      expect(first.output()).toContain(`Kept in ${directory} for the next npm start: 2 predictions.`);
      await expect(first.fetch(path)).rejects.toThrow();
      const log = await readFile(join(directory, 'worker.log'), 'utf8');
      expect(log).toContain('"keyId":"local"');
      for (const text of [log, first.output()]) expect(text).not.toContain(key.slice(-43));

      const { key: own, apiKey } = createKey({ id: 'mine', scopes: ['read'], expiresAt: null });
      vi.stubEnv('API_KEYS', formatApiKeys([apiKey]));
      expect(first.output()).not.toContain('Inspector');
      const second = run('--port', String(port), '--data', directory, '--faults', '{}', '--inspect');
      await second.ready();
      const warning = /Inspector {2}(http:\S+)\n\nWARNING: --inspect opens the Worker to this whole machine/;
      const inspectorUrl = await vi.waitFor(() => second.output().match(warning)?.[1] ?? expect.fail('no warning'));
      expect(await (await fetch(new URL('/json', inspectorUrl))).text()).toContain('webSocketDebuggerUrl');
      expect(await second.key()).toBe(key);
      expect(await (await second.fetch(path)).json()).toEqual(stored);
      expect((await fetch(`${second.url}${path}`, { headers: { 'x-api-key': own } })).status).toBe(200);
      for (const { id } of [queued, late])
        expect(await (await second.fetch(`/v1/predictions/${id}`)).json()).toMatchObject({ id });

      const intruder = run('--port', String(await freePort()), '--data', directory);
      expect(await intruder.exited).toBe(1);
      expect(intruder.output()).toMatch(/is in use by process \d+\. Stop it, or choose another directory/);
      expect((await second.fetch(path)).status).toBe(200);

      const secondFaults = second.output().match(/http:\S+\/faults/)?.[0] ?? '';
      // Else the queue might be empty before it is stopped.
      await fetch(secondFaults, { method: 'PUT', body: '{"database":"down"}' });
      await paste(curl);
      const stopping = second.stop();
      await vi.waitFor(() => expect(second.output()).toContain('from the queue'), { timeout: 10_000, interval: 20 });
      await fetch(secondFaults, { method: 'PUT', body: '{}' });
      expect(await stopping).toBe(0);
      expect(second.output()).toMatch(/storing 1 prediction from the queue … \(/);
    },
    4 * START_TIMEOUT_MS,
  );

  it(
    'serves the model folder that is named',
    async () => {
      const model = join(directory, 'loans');
      await cp('workers/test/fixtures/loans', model, { recursive: true });
      await writeFile(join(model, 'README.md'), '# Loans');
      const stack = run('--port', String(await freePort()), '--data', join(directory, 'data'), '--model', model);
      await stack.ready();
      const answer = JSON.parse(await paste(stack.output().match(/^curl .*$/m)?.[0] ?? ''));
      expect(answer).toMatchObject({ model: { name: 'loan-default', version: '0.1.0' }, warnings: [] });
    },
    START_TIMEOUT_MS,
  );

  it.each([
    ['that is not there', 'nowhere', /nowhere is not there\. Name a folder that holds model\.onnx, contract\.json/],
    ['without its files', 'scripts', /scripts\/model\.onnx cannot be read: there is no such file/],
  ])('refuses a model folder %s, before it starts anything', async (_title, folder, said) => {
    const stack = run('--port', String(await freePort()), '--data', directory, '--model', folder);
    expect(await stack.exited).toBe(1);
    expect(stack.output()).toMatch(said);
    expect(stack.output()).not.toContain('ONNX runtime');
  });

  it('says which port is busy and what to do', async () => {
    const server = createServer();
    const port = await listenOnLoopback(server);
    const stack = run('--port', String(port), '--data', directory);
    expect(await stack.exited).toBe(1);
    expect(stack.output()).toContain(`Port ${port} is in use`);
    await stopServer(server);
  });

  it.each([
    ['that are none', 'very-secret', 'is not what npm run create-key makes'],
    [
      'with the id of its own',
      formatApiKeys([createKey({ id: 'local', scopes: ['read'], expiresAt: null }).apiKey]),
      'has a key "local"',
    ],
  ])('refuses API_KEYS %s', async (_title, value, said) => {
    vi.stubEnv('API_KEYS', value);
    const stack = run('--port', String(await freePort()), '--data', directory);
    expect(await stack.exited).toBe(1);
    expect(stack.output()).toContain(said);
    expect(stack.output()).not.toContain('very-secret');
  });

  it('refuses an environment that records nothing', async () => {
    const stack = run('--env', 'model');
    expect(await stack.exited).toBe(2);
    expect(stack.output()).toContain('--env must be dev or prod, not "model"');
  });

  it.each([
    ['{"queue":"dwn"}', 'queue'],
    ['down', 'must be JSON'],
  ])('refuses the faults %s', async (faults, said) => {
    const stack = run('--faults', faults);
    expect(await stack.exited).toBe(2);
    expect(stack.output()).toContain(said);
  });

  it('refuses an unknown option with a message', async () => {
    const stack = run('--prot', '1');
    expect(await stack.exited).toBe(2);
    expect(stack.output()).toContain('--prot');
    expect(stack.output()).not.toContain('    at ');
  });
});
