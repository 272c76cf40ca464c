/** What `work` resolves to; rejects if that takes longer. What comes too late may have happened all the same. */
export async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
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
