/** Stands for text in a number field that is not a number: the browser shows it, and does not tell its characters. */
export const UNREADABLE = '\u0000';

/** The next larger of 1, 2 or 5 times a power of ten. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((it) => it * power).find((it) => it >= least * (1 - 1e-9)) ?? 10 * power;
}
