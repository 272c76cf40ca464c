let aheadMs = 0;
const now = () => Clock.now() + aheadMs;

const Clock = Date;
const SkewedDate = new Proxy(Clock, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});

/** Sets the clock of this isolate ahead of the machine's, or behind it where `milliseconds` is negative. */
export function setClockAhead(milliseconds: number): void {
  aheadMs = milliseconds;
  globalThis.Date = SkewedDate;
}
