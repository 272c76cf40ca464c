/**
 * Writes one structured line. Fields must hold no personal data and no secret. Control characters neither break the line nor
 * command a terminal: JSON escapes most of them, and the others are escaped here.
 */
export function logEvent(
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Record<string, unknown> = {},
): void {
  console[level](JSON.stringify({ level, message, ...fields }).replace(UNESCAPED, escaped));
}

/** DEL, the C1 controls (with a line break and the start of escape sequences), and Unicode's own line breaks. */
const UNESCAPED = /[\u007f-\u009f\u2028\u2029]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
