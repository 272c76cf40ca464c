/** Texts that are longer are not compared: the table below would take their product in time. */
const MAX_COMPARED = 50;

/**
 * The text with the fewest insertions, deletions and replacements of characters from `received` (Levenshtein distance), capitals
 * aside; null where even the nearest shares less than half of its characters.
 */
export function nearestOf(texts: readonly string[], received: string): string | null {
  const wanted = received.trim().toLowerCase();
  if (wanted.length > MAX_COMPARED) return null;
  let nearest: string | null = null;
  let least = wanted.length / 2;
  for (const text of texts) {
    if (text.length > MAX_COMPARED || Math.abs(text.length - wanted.length) > least) continue;
    const distance = editDistance(text.toLowerCase(), wanted);
    if (distance >= least) continue;
    least = distance;
    nearest = text;
  }
  return nearest;
}

/** Wagner and Fischer, "The String-to-String Correction Problem", 1974, with one row of the table kept. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const replaced = (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
