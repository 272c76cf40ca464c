import { beforeEach, describe, expect, it, vi } from 'vitest';
import { attrition } from '../../../common/test/contracts.ts';
import type { Share } from './cloudflare.ts';
import { interruptionBy } from './interruption.ts';
import type { ProbeReport } from './probe.ts';
import { type Rollout, rollOut } from './rollout.ts';

/** What a rollout did, in order; and the call that fails, by its number. */
const state = vi.hoisted(() => {
  const done: string[] = [];
  const traffic: { shares: Share[] } = { shares: [] };
  const waits: number[] = [];
  const reports: ProbeReport[] = [];
  const fails = { from: Number.POSITIVE_INFINITY, times: 1, after: false };
  /** Fails before its effect, or after it: the answer got lost. */
  async function call<T>(name: string, effect: () => T): Promise<T> {
    const at = done.length;
    done.push(name);
    const isFault = at >= fails.from && at < fails.from + fails.times;
    if (isFault && !fails.after) throw new Error(`${name} failed`);
    const result = effect();
    if (isFault) throw new Error(`${name} failed`);
    return result;
  }
  return { done, traffic, waits, reports, fails, call };
});

const describeShares = (shares: readonly Share[]) => shares.map((it) => `${it.version} ${it.percentage}`).join(', ');

function share(shares: Share[]): Promise<void> {
  return state.call(describeShares(shares), () => {
    state.traffic.shares = shares;
  });
}

// No process is started and nothing is sent: rollout.test.ts does that, with the real wrangler.
vi.mock('./cloudflare.ts', () => ({
  readTraffic: () => state.call('read', () => ({ shares: [...state.traffic.shares], stable: 'old' })),
  deployVersions: (_environment: string, shares: Share[]) => share(shares),
  setTraffic: (_worker: string, shares: Share[]) => share(shares),
  applyAddresses: () => state.call('addresses alone', () => undefined),
  applyTriggers: () => state.call('triggers', () => undefined),
}));
vi.mock('./version-urls.ts', () => ({ closeVersionUrls: () => state.call('addresses', () => false) }));
vi.mock('./smoke.ts', () => ({ smokeTest: () => state.call('smoke', () => attrition) }));
vi.mock('./probe.ts', async (original) => ({
  ...(await original<typeof import('./probe.ts')>()),
  probe: () => state.call('probe', () => state.reports.shift() ?? { requests: 20, errors: 0, lastError: null }),
}));
vi.mock('node:timers/promises', () => ({ setTimeout: async (ms: number) => state.waits.push(ms) }));

beforeEach(() => {
  state.done.length = 0;
  state.waits.length = 0;
  state.reports.length = 0;
  state.traffic.shares = [{ version: 'old', percentage: 100 }];
  Object.assign(state.fails, { from: Number.POSITIVE_INFINITY, times: 1, after: false });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  return () => vi.restoreAllMocks();
});

async function roll(change: Partial<Rollout> = {}) {
  const rollout: Rollout = {
    environment: 'prod',
    url: 'http://127.0.0.1:9',
    worker: 'futurisys-prod',
    commit: 'abc',
    version: 'new',
    stable: 'old',
    shares: [{ version: 'old', percentage: 100 }],
    steps: [10, 100],
    smokeTimeoutMs: 1000,
    probe: { requests: 20, seconds: 1, maxErrorRate: 0.1 },
    needsAddress: false,
    interruption: interruptionBy(new AbortController().signal),
    staying: [],
    ...change,
  };
  const message = await rollOut(rollout).then(
    () => '',
    (error: Error) => error.message,
  );
  return { message, staying: rollout.staying };
}

const serving = () => describeShares(state.traffic.shares.filter(({ percentage }) => percentage > 0));

/** Everything that a rollout in two steps does. */
const CALLS = [
  'read',
  'old 100, new 0',
  'smoke',
  'read',
  'old 90, new 10',
  'probe',
  'read',
  'new 100',
  'probe',
  'triggers',
  'addresses',
];

describe('rollOut', () => {
  it('tests the version before it gets traffic, watches each step, and applies triggers last', async () => {
    expect(await roll()).toMatchObject({ message: '' });
    expect([state.done, serving()]).toEqual([CALLS, 'new 100']);
  });

  describe.each([
    ['before', false],
    ['after', true],
  ] as const)('with a call that fails %s it took effect', (_when, after) => {
    it.each(CALLS.map((name, call) => ({ name, call })))('returns all traffic ($call: $name)', async ({ call }) => {
      Object.assign(state.fails, { from: call, after });
      const { message, staying } = await roll();
      expect(serving()).toBe('old 100');
      expect(message).toContain(`${CALLS[call]} failed`);
      // The new version is among those that get requests, even at 0 %: it is taken out of them.
      const isDeployed = call > 1 || (call === 1 && after);
      expect(message).toContain(isDeployed ? 'went back to version old' : 'The new version (new) got no traffic');
      expect(describeShares(state.traffic.shares)).toBe('old 100');
      // Triggers belong to no version: what was applied stays, and the error says so.
      expect(staying.length).toBe(call >= CALLS.indexOf('triggers') ? 1 : 0);
    });
  });

  it.each([
    { refusals: 1, isReturned: true },
    { refusals: 2, isReturned: true },
    { refusals: 3, isReturned: false },
  ])('tries three times to return the traffic: $refusals refusals', async ({ refusals, isReturned }) => {
    // The smoke test fails, and then the next reads.
    Object.assign(state.fails, { from: CALLS.indexOf('smoke'), times: 1 + refusals });
    const { message } = await roll();
    expect(serving()).toBe('old 100');
    expect(state.done.slice(3)).toEqual([
      ...Array.from({ length: refusals }, () => 'read'),
      ...(isReturned ? ['read', 'old 100'] : []),
    ]);
    if (isReturned) expect(message).toContain('All traffic of prod went back to version old');
    else {
      expect(message).toContain('COULD NOT BE RETURNED to version old: Cloudflare refused 3 times');
      expect(message).toContain('now: npx wrangler versions deploy old@100% --env prod --yes');
    }
    expect(state.waits).toEqual(Array.from({ length: refusals }, () => 1000));
  });

  it.each([
    { errors: 2, message: '' },
    { errors: 3, message: 'With 10 % of the traffic on new, 3 of 20 requests failed (broken)' },
  ])('takes 2 of 20 errors at a rate of 10 %, not 3: $errors', async ({ errors, message }) => {
    state.reports.push({ requests: 20, errors, lastError: 'broken' });
    const outcome = await roll();
    expect(outcome.message).toContain(message);
    expect(serving()).toBe(message === '' ? 'new 100' : 'old 100');
  });

  it.each([0, 1, 2])('leaves the traffic as somebody else shared it out before its step %i', async (step) => {
    const theirs = [{ version: 'theirs', percentage: 100 }];
    const reads = CALLS.flatMap((name, i) => (name === 'read' ? [i] : []));
    const at = reads[step] ?? 0;
    // The call before that read has their traffic as its effect.
    const push = state.done.push.bind(state.done);
    vi.spyOn(state.done, 'push').mockImplementation((name) => {
      if (state.done.length === at) state.traffic.shares = theirs;
      return push(name);
    });
    const { message } = await roll();
    expect(message).toContain('Somebody else shared the traffic of prod out anew');
    expect([state.traffic.shares, state.done]).toEqual([theirs, CALLS.slice(0, at + 1)]);
  });

  it.each(['smoke', 'old 90, new 10', 'probe', 'new 100'].map((name) => ({ name, moment: CALLS.indexOf(name) })))(
    'returns the traffic when it is interrupted during call $moment: $name',
    async ({ moment }) => {
      const abort = new AbortController();
      const push = state.done.push.bind(state.done);
      vi.spyOn(state.done, 'push').mockImplementation((name) => {
        if (state.done.length === moment) abort.abort('SIGINT');
        return push(name);
      });
      const { message } = await roll({ interruption: interruptionBy(abort.signal) });
      expect(message).toContain('Stopped by SIGINT');
      expect([serving(), state.done.includes('triggers')]).toEqual(['old 100', false]);
    },
  );

  it('gives a Worker without an address that alone before the smoke test, and its triggers at the end', async () => {
    await roll({ needsAddress: true });
    expect(state.done.slice(1, 5)).toEqual(['old 100, new 0', 'addresses alone', 'addresses', 'smoke']);
    expect(state.done.slice(-2)).toEqual(['triggers', 'addresses']);
  });
});
