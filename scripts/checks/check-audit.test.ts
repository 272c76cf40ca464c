import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runScript } from '../../tests/kit/run-script.ts';
import { listenOnLoopback, stopServer } from '../lib/loopback.ts';

const BULK = '/-/npm/v1/security/advisories/bulk';

let registry: Server | undefined;
/** npm remembers advisories by their numbers. */
let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'npm-cache-'));
});
afterEach(async () => {
  await rm(cache, { recursive: true });
  if (registry) await stopServer(registry);
  registry = undefined;
});

/** Runs the check against a registry that answers so, as npm asks it. */
async function checkAgainst(listener: RequestListener) {
  registry = createServer(listener);
  const port = await listenOnLoopback(registry);
  return runScript('check-audit', [], {
    npm_config_registry: `http://127.0.0.1:${port}/`,
    npm_config_fetch_retries: '0',
    npm_config_cache: cache,
  });
}

/** A registry that knows one advisory, about every version of a package. */
function knowing(name: string, severity: string): { listener: RequestListener; asked: string[] } {
  const asked: string[] = [];
  const advisory = {
    id: 1,
    url: 'https://example.org/advisory',
    title: 'Made up',
    severity,
    vulnerable_versions: '>=0',
    cwe: [],
    cvss: { score: 0, vectorString: null },
  };
  return {
    asked,
    listener: async (request, response) => {
      if (request.url !== BULK) {
        const versions = { '0.0.1': { name, version: '0.0.1', dist: {} } };
        response.end(JSON.stringify({ name, versions, 'dist-tags': { latest: '0.0.1' } }));
        return;
      }
      asked.push(gunzipSync(await buffer(request)).toString());
      response.end(JSON.stringify({ [name]: [advisory] }));
    },
  };
}

describe('npm run check:audit', () => {
  it('refuses what is deployed and is known to be vulnerable', async () => {
    const { listener, asked } = knowing('hono', 'critical');
    const { code, stderr } = await checkAgainst(listener);
    expect(stderr).toContain('hono, critical: Made up (https://example.org/advisory)');
    expect(code).toBe(1);
    expect(JSON.parse(asked[0] ?? '')).toHaveProperty('hono');
  });

  it('lets lesser ones pass, and counts them', async () => {
    const { code, stdout } = await checkAgainst(knowing('hono', 'moderate').listener);
    expect(stdout).toContain('; 1 lesser one.');
    expect(code).toBe(0);
  });

  it('lets vulnerabilities of development packages pass', async () => {
    expect(await checkAgainst(knowing('vitest', 'critical').listener)).toMatchObject({ code: 0 });
  });

  it('fails where the registry has no such service, and says that nothing is known', async () => {
    const { code, stderr } = await checkAgainst((_, response) => response.writeHead(405).end());
    expect(stderr).toContain('The registry could not be asked, so nothing is known of the packages');
    expect(code).toBe(1);
  });
});
