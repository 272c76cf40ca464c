import { describe, expect, it } from 'vitest';
import { ApiError } from '../client/client.ts';
import { PageError } from './backend.ts';
import { failureText } from './failure-text.ts';
import { texts } from './texts.ts';

function answered(status: number, code: string, requestId = 'r-1'): ApiError {
  const problem = { type: `/problems/${code}`, title: 'Title', status, detail: 'In detail.' };
  return new ApiError(new Response(null, { status, headers: { 'x-request-id': requestId } }), JSON.stringify(problem));
}

describe('failureText', () => {
  it('has words of its own for what a visitor meets', () => {
    expect(failureText(answered(401, 'invalid-key'))).toEqual({
      fr: 'Cette clé d’API n’est pas reconnue.',
      en: 'This API key is not known here.',
    });
  });

  it('repeats the API where it has none', () => {
    expect(failureText(answered(422, 'invalid-id'))).toEqual({ fr: 'Title: In detail.', en: 'Title: In detail.' });
  });

  it('names the request where the service is at fault', () => {
    expect(failureText(answered(500, 'internal')).en).toBe('The service met an error. Try again. (Reference: r-1)');
  });

  it('knows what the page itself says, and is not at a loss for the rest', () => {
    expect(failureText(new PageError(texts.unreachable))).toBe(texts.unreachable);
    expect(failureText('nonsense')).toBe(texts.unexpected);
  });
});
