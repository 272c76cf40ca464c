/**
 * Combines two lists item by item. Throws if the lists differ in length: the second one answers the first, and an answer is
 * missing.
 */
export function zip<A, B, C>(first: readonly A[], second: readonly B[], combine: (a: A, b: B) => C): C[] {
  if (first.length !== second.length) throw new Error(`${first.length} items have ${second.length} answers`);
  const rest = second.values();
  const combined: C[] = [];
  for (const a of first) {
    const { value, done } = rest.next();
    if (!done) combined.push(combine(a, value));
  }
  return combined;
}
