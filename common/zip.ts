/**
 * Combines two lists item by item. Throws if the lists differ in length: the second one answers the first, and an answer is
 * missing.
 */
export function zip<A, B extends string | number | object, C>(
  first: readonly A[],
  second: readonly B[],
  combine: (a: A, b: B) => C,
): C[] {
  const mismatch = () => new Error(`${first.length} items have ${second.length} answers`);
  if (first.length !== second.length) throw mismatch();
  return first.map((a, i) => {
    const b = second[i];
    if (b === undefined) throw mismatch();
    return combine(a, b);
  });
}
