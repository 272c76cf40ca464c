/** Resolves as `work` does; rejects if that takes longer. The work goes on, and may still take effect. */
export async function withTimeout<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const timer = new AbortController();
  const tooLate = scheduler.wait(milliseconds, { signal: timer.signal }).then((): never => {
    throw new Error(`no answer within ${milliseconds} ms`);
  });
  try {
    return await Promise.race([work(), tooLate]);
  } finally {
    timer.abort();
    tooLate.catch(() => undefined);
  }
}
