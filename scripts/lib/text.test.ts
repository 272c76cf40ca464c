import { expect, it } from 'vitest';
import { plural } from './text.ts';

it('has one of a thing, and more of things', () => {
  expect([0, 1, 2].map((count) => plural(count, 'prediction'))).toEqual([
    '0 predictions',
    '1 prediction',
    '2 predictions',
  ]);
});
