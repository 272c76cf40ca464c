import { expect, it } from 'vitest';
import { toScoringError } from './scoring-error.ts';

it.each([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [405, 'BAD_REQUEST'],
  [413, 'BAD_REQUEST'],
  [415, 'BAD_REQUEST'],
  [422, 'INVALID_PARAMETER_VALUE'],
  [429, 'REQUEST_LIMIT_EXCEEDED'],
  [500, 'INTERNAL_ERROR'],
  [503, 'TEMPORARILY_UNAVAILABLE'],
])('a problem of status %i is called %s', (status, code) => {
  expect(toScoringError(status, 'Why.')).toEqual({ error_code: code, message: 'Why.' });
});
