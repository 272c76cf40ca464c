/** How long the page may be busy at a stretch: longer is felt (https://web.dev/articles/optimize-long-tasks). */
const SLICE_MS = 40;

/** Returns what long work calls between its steps: now and then it waits until the browser has seen to the page. */
export function createPacer(): () => Promise<void> {
  let started = performance.now();
  return async () => {
    if (performance.now() - started < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    started = performance.now();
  };
}
