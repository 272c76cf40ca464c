/** The centre of the half circle, in the units of its view box. */
const CENTRE = { x: 120, y: 120 };

/** Where a share of the half circle lies, from its left end (0) to its right one (1). */
export function pointAt(share: number, radius: number): { x: number; y: number } {
  const angle = Math.PI * (1 - share);
  return { x: round(CENTRE.x + radius * Math.cos(angle)), y: round(CENTRE.y - radius * Math.sin(angle)) };
}

/** The path of an arc from one share to another. */
export function arc(from: number, to: number, radius: number): string {
  const [start, end] = [pointAt(from, radius), pointAt(to, radius)];
  return `M${start.x} ${start.y}A${radius} ${radius} 0 0 1 ${end.x} ${end.y}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
