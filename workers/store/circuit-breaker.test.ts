import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

describe('a circuit breaker', () => {
  const clock = { ms: 0 };
  const breaker = () => new CircuitBreaker(() => new Date(clock.ms));

  it('keeps nobody away before a failure', () => {
    expect(breaker().isOpen()).toBe(false);
  });

  it('keeps callers away for 30 seconds after each failure', () => {
    const one = breaker();
    one.open();
    clock.ms += 20_000;
    one.open();
    clock.ms += 29_999;
    expect(one.isOpen()).toBe(true);
    clock.ms += 1;
    expect(one.isOpen()).toBe(false);
  });
});
