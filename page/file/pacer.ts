/** How long the page may be busy at a stretch: longer is felt (https://web.dev/articles/optimize-long-tasks). */
const SLICE_MS = 40;

/** Returns a function to call between the steps of long work: now and then it waits until the browser has drawn the page. */
export function createPacer(): () => Promise<void> {
  let started = performance.now();
  return async () => {
    if (performance.now() - started < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    started = performance.now();
  };
}
