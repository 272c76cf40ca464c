import { describe, expect, it } from 'vitest';
import { readModelFolder } from '../scripts/lib/model/model-folder.ts';
import { runScript } from '../tests/kit/run-script.ts';
import { estimate, type Usage } from './cost/estimate.ts';
import { messageBytesOf } from './cost/message-size.ts';

const usage: Usage = {
  requestsPerSecond: 100,
  cpuMs: 1,
  consumerCpuMs: 0.5,
  messageBytes: 1500,
  messagesPerBatch: 25,
  isolates: 20,
  refreshSeconds: 15,
  rowBytes: 1000,
  monthsKept: 2,
  computeUnits: 1,
  classicPerSecond: 40,
  utilisation: 0.5,
  minInstances: 2,
};
/** 100 a second for 730 hours. */
const MILLIONS = 262.8;

describe('the estimate', () => {
  it('adds up what a month at a rate uses', () => {
    const dollars = estimate(usage);
    expect(dollars.workers).toBeCloseTo(5 + (MILLIONS * 1.04 - 10) * 0.3 + (MILLIONS * 1.5 - 30) * 0.02);
    expect(dollars.queues).toBeCloseTo((MILLIONS * 3 - 1) * 0.4);
    // 20 isolates that ask four times a minute stay within what is included.
    expect(dollars.r2).toBe(0);
    expect(dollars.database).toBeCloseTo(730 * 0.14 + MILLIONS * 2 * 0.35);
    expect(dollars.total).toBeCloseTo(dollars.workers + dollars.queues + dollars.database);
  });

  it('needs as many containers as the load takes at the utilisation, and two at least', () => {
    const { container, managed, database } = estimate(usage);
    expect(container.instances).toBe(5);
    expect(container.total).toBeCloseTo(5 * 730 * (0.04048 + 2 * 0.004445) + database);
    expect(managed.instances).toBe(3);
    expect(estimate({ ...usage, requestsPerSecond: 1 }).container.instances).toBe(2);
  });

  it('is the subscription and the least database where hardly anybody asks', () => {
    const idle = estimate({ ...usage, requestsPerSecond: 0.01, computeUnits: 0 });
    expect(idle).toMatchObject({ workers: 5, queues: 0, r2: 0, database: 5, total: 10 });
  });

  it.each([
    ['63,900 bytes, with its metadata one operation each', 63_900, 1],
    ['one byte more, two', 63_901, 2],
  ])('counts a message of %s', (_title, messageBytes, chunks) => {
    expect(estimate({ ...usage, messageBytes }).queues).toBeCloseTo((MILLIONS * 3 * chunks - 1) * 0.4);
  });

  it('pays for the reads of many isolates', () => {
    expect(estimate({ ...usage, isolates: 100 }).r2).toBeCloseTo(((100 * 2.628) / 15 - 10) * 0.36);
  });
});

it('knows the size of the message that the Worker really sends', async () => {
  const bytes = messageBytesOf((await readModelFolder('model')).contract);
  // 27 fields by name, their values, an id and two digests; far below what counts as a second operation.
  expect(bytes).toBeGreaterThan(500);
  expect(bytes).toBeLessThan(5000);
});

describe('npm run cost', () => {
  it('prints a table, and JSON with its sources', async () => {
    const figures = ['--cpu-ms', '1', '--classic-per-second', '40'];
    const { code, stdout } = await runScript('cost', figures);
    expect(code).toBe(0);
    expect(stdout).toContain('| $ a month | 1/s | 100/s | 1,000/s |');
    const json = await runScript('cost', [...figures, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      prices: { workers: { source: expect.stringContaining('developers.cloudflare.com') } },
      estimates: [{ usage: { requestsPerSecond: 1, cpuMs: 1 } }, {}, {}],
    });
  });

  it('refuses what is no amount', async () => {
    const { code, stderr } = await runScript('cost', ['--cpu-ms', 'little']);
    expect(code).toBe(2);
    expect(stderr).toContain('--cpu-ms must be a number above 0');
  });
});
