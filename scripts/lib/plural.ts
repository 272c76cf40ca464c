/** "1 prediction", "2 predictions": for nouns whose plural is an s. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
