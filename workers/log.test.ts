import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { logEvent } from './log.ts';
import { get, post, send } from './test/api.ts';
import { activate, readModel } from './test/models.ts';

/** What ends a line somewhere, or begins a command to a terminal. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

const SPIES = (['info', 'warn', 'error'] as const).map((level) => () => vi.spyOn(console, level));

/** The lines that are logged while `work` is done. */
async function linesOf(work: () => unknown): Promise<string[]> {
  const spies = SPIES.map((spy) => spy().mockImplementation(() => undefined));
  await work();
  const lines = spies.flatMap(({ mock }) => mock.calls.map(([line]) => String(line)));
  for (const spy of spies) spy.mockRestore();
  return lines;
}

describe('a line of the log', () => {
  it.each([
    'a\nb',
    'a\r\nb',
    'a\u0000b',
    '\u001b[31mred',
    '\u009b31mred',
    'a\u0085b',
    'a\u2028b',
    'a\u2029b',
    'a\u007fb',
  ])('is one line, without a control character, and says %j all the same', async (text) => {
    const [line = '', ...others] = await linesOf(() => logEvent('error', text, { cause: text, [text]: [text] }));
    expect(others).toEqual([]);
    expect(line).not.toMatch(CONTROL);
    expect(JSON.parse(line)).toEqual({ level: 'error', message: text, cause: text, [text]: [text] });
  });

  it('is so for any text', async () => {
    const text = fc.string({ unit: 'binary' });
    await fc.assert(
      fc.asyncProperty(text, text, async (message, cause) => {
        const [line = ''] = await linesOf(() => logEvent('warn', message, { cause }));
        expect(line).not.toMatch(CONTROL);
        expect(JSON.parse(line)).toEqual({ level: 'warn', message, cause });
      }),
    );
  });
});

describe('a request', () => {
  beforeAll(async () => activate(await readModel()));

  const FORGED = '{"level":"error","message":"forged"}';
  const headers = (values: Record<string, string>) => new Request(get('/v1/predictions'), { headers: values });

  it.each([
    ['an id', headers({ 'x-request-id': `r\u0001\u009b${FORGED}` })],
    ['a trace', headers({ traceparent: `00-${FORGED}` })],
    ['a key', headers({ authorization: `Bearer fk_${FORGED}_` })],
    ['another key', headers({ 'x-api-key': `fk_a_\u0085${FORGED}` })],
    ['an address', get(`/v1/predictions/${encodeURIComponent(`\r\n${FORGED}\u2028`)}`)],
    ['an unknown address', get(`/${encodeURIComponent(`\r\n${FORGED}`)}`)],
    ['a query', get(`/v1/predictions?${encodeURIComponent(`\n${FORGED}`)}=${encodeURIComponent('\u0085')}`)],
    ['a body', post('/v1/predict', `{"\\n${FORGED.replaceAll('"', '\\"')}": 1}`)],
    ['a media type', post('/v1/predict', '{}', `text/x; a="${FORGED}"`)],
  ])('forges no line with %s', async (_title, request) => {
    const lines = await linesOf(async () => (await send(request)).arrayBuffer());
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).not.toMatch(CONTROL);
      expect(JSON.parse(line).message).not.toBe('forged');
      expect(line).not.toContain('forged');
    }
  });
});
