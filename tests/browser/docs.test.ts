import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { freePort, type Stack, startStack } from '../kit/local-stack.ts';
import { launchBrowser, overflow, visit } from './browser.ts';

const OpenApi = z.looseObject({
  info: z.looseObject({ title: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
});
const Answer = z.looseObject({ probability: z.number() });

let directory: string;
let browser: Browser;
let stack: Stack;
let url: string;

beforeAll(async () => {
  browser = await launchBrowser();
  directory = await mkdtemp(join(tmpdir(), 'docs-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  stack = startStack('--port', String(port), '--data', directory);
  await stack.ready();
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  if (directory) await rm(directory, { recursive: true });
});

describe.each(['desk', 'phone'] as const)('/docs, on a %s', (size) => {
  it('shows every operation of /openapi.json, and asks no other host for anything', async () => {
    const { info, paths } = OpenApi.parse(await (await fetch(`${url}/openapi.json`)).json());
    const { page, outside, errors } = await visit(browser, `${url}/docs`, size);
    await page.getByRole('heading', { name: info.title }).waitFor();
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.length).toBeGreaterThan(10);
    const shown = await page.locator('.opblock').count();
    expect(shown).toBe(operations.length);
    for (const path of Object.keys(paths))
      expect(await page.locator(`[data-path="${path}"]`).count(), path).toBeGreaterThan(0);
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });

  it('predicts the first example of the contract, with a key that is entered in the page', async () => {
    const { examples } = z
      .looseObject({ examples: z.array(z.looseObject({ probability: z.number() })) })
      .parse(await (await fetch(`${url}/v1/model`)).json());
    const { page, outside, errors } = await visit(browser, `${url}/docs`, size);
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    const dialog = page.locator('.modal-ux');
    await dialog
      .locator('input')
      .first()
      .fill(await readFile(join(directory, 'api-key'), 'utf8'));
    await dialog.getByRole('button', { name: 'Apply credentials' }).first().click();
    await dialog.getByRole('button', { name: 'Close' }).first().click();

    const operation = page.locator('#operations-Predict-predict');
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const live = operation.locator('.live-responses-table');
    await live.waitFor();
    expect(await live.locator('.response .response-col_status').textContent()).toBe('200');
    const answer = Answer.parse(JSON.parse((await live.locator('code').first().textContent()) ?? ''));
    expect(answer.probability).toBeCloseTo(examples[0]?.probability ?? 2, 6);
    expect({ outside, errors, overflow: await overflow(page) }).toEqual({ outside: [], errors: [], overflow: 0 });
    await page.context().close();
  });
});

describe('beside the page', () => {
  it('what the page loads may be kept, and the page itself must be asked for again', async () => {
    const page = await fetch(`${url}/`);
    expect(page.headers.get('cache-control')).toContain('must-revalidate');
    const [, script = ''] = /src="([^"]*)"/.exec(await page.text()) ?? [];
    expect((await fetch(`${url}${script}`)).headers.get('cache-control')).toContain('immutable');
  });

  it('the Worker answers everything that is no file', async () => {
    const problem = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${url}${path}`, init);
      return [response.status, z.looseObject({ type: z.string() }).parse(await response.json()).type];
    };
    expect(await problem('/docs/nothing')).toEqual([404, '/problems/not-found']);
    expect(await problem('/_headers')).toEqual([404, '/problems/not-found']);
    expect(await problem('/v1/nothing')).toEqual([404, '/problems/not-found']);
    expect(await problem('/openapi.json', { method: 'POST' })).toEqual([405, '/problems/method-not-allowed']);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it.each(['/', '/docs', '/docs/page.js', '/docs/swagger-ui.css'])('%s has headers that confine it', async (path) => {
    const { status, headers } = await fetch(`${url}${path}`);
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});
