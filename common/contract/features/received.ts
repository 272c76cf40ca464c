/** How much of a text that was sent a message repeats. */
const SHOWN_CHARACTERS = 40;

/** Characters that nobody sees, or that look like a space. */
const UNSEEN = /[\p{C}\p{Z}]/gu;

/** What a request gave for a value, in a few characters, for a message about it. A text shows the characters that nobody sees. */
export function showReceived(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    default:
      return value === null ? 'null' : Array.isArray(value) ? '[…]' : '{…}';
  }
}

/** A text in quotes, cut after 40 characters. */
function quote(text: string): string {
  // A character may be two code units.
  const characters = Array.from(text.slice(0, 2 * SHOWN_CHARACTERS + 1));
  const shown = characters.slice(0, SHOWN_CHARACTERS).join('');
  const isCut = characters.length > SHOWN_CHARACTERS;
  return `"${shown.replaceAll(UNSEEN, (it) => (it === ' ' ? it : escapeOf(it)))}${isCut ? '…' : ''}"`;
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
